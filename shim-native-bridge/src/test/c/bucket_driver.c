// bucket_driver: does to one bucket what it is told on stdin, at the times that it is told. Pair of TimeBucketDifferentialTest.java.
//   share NOW PPM                    another share holds from the next operation on
//   try NOW SINCE AHEAD DEVICE      takes device time
//   settle NOW TAKEN ACTUAL
// Answers each with "LEFT ARRIVAL": in how many ns what was tried may be had, 0 where it was taken; and the word, 0 where it is less.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "time_bucket.h"

int main(void) {
    static struct sluice_row row;
    static struct sluice_limits_row limits;
    struct sluice_bucket bucket = {.row = &row, .limits = &limits};
    char what[16];
    uint64_t now_ns, a, b, c;
    while (scanf("%15s %" SCNu64 " %" SCNu64, what, &now_ns, &a) == 3) {
        uint64_t left_ns = 0;
        if (strcmp(what, "share") == 0) {
            limits.max_ppm = (uint32_t)a;
        } else if (strcmp(what, "try") == 0 && scanf("%" SCNu64 " %" SCNu64, &b, &c) == 2) {
            left_ns = sluice_bucket_try(&bucket, c, a, b, now_ns);
        } else if (strcmp(what, "settle") == 0 && scanf("%" SCNu64, &b) == 1) {
            sluice_bucket_settle(&bucket, a, b, now_ns);
        } else {
            return 2;
        }
        int64_t arrival_ns = (int64_t)row.bucket_ns;
        printf("%" PRIu64 " %" PRId64 "\n", left_ns, arrival_ns > 0 ? arrival_ns : 0);
        fflush(stdout);
    }
    return 0;
}

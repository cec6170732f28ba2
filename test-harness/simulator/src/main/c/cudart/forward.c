// forward.c: the functions of forwarded.h.
#include "cudart/api.h"

#define COUNT_(_0, _1, _2, _3, _4, _5, _6, _7, _8, N, ...) N
#define COUNT(...) COUNT_(_, ##__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

// The parameters of a function, and the same as arguments, from their types.
#define PARAMETERS_0() void
#define PARAMETERS_1(A) A a
#define PARAMETERS_2(A, B) A a, B b
#define PARAMETERS_3(A, B, C) A a, B b, C c
#define PARAMETERS_4(A, B, C, D) A a, B b, C c, D d
#define PARAMETERS_5(A, B, C, D, E) A a, B b, C c, D d, E e
#define PARAMETERS_6(A, B, C, D, E, F) A a, B b, C c, D d, E e, F f
#define ARGUMENTS_0
#define ARGUMENTS_1 a
#define ARGUMENTS_2 a, b
#define ARGUMENTS_3 a, b, c
#define ARGUMENTS_4 a, b, c, d
#define ARGUMENTS_5 a, b, c, d, e
#define ARGUMENTS_6 a, b, c, d, e, f

#define FORWARD(ready, runtime, name, ...) \
    EXPORT cudaError_t runtime(JOIN(PARAMETERS_, COUNT(__VA_ARGS__))(__VA_ARGS__)) { \
        return ready() ? done(driver.name(JOIN(ARGUMENTS_, COUNT(__VA_ARGS__)))) : last_error(); \
    }
#define IN_CONTEXT(runtime, name, ...) FORWARD(ready, runtime, name, ##__VA_ARGS__)
#define IN_DRIVER(runtime, name, ...) FORWARD(driver_ready, runtime, name, ##__VA_ARGS__)

FORWARDED(IN_CONTEXT, IN_DRIVER)

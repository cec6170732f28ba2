// start.c: a program of one line. Nobody runs it; sluice doctor looks at how it was linked.
void _start(void);
void _start(void) {
    for (;;) {
    }
}

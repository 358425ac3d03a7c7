/* Makes FFmpeg and libjpeg-turbo take a processor for one that has no vector instructions.
 *
 *     cc -shared -fPIC -o no-vector-code.so no-vector-code.c -lavutil
 *     LD_PRELOAD=./no-vector-code.so program
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libavutil/cpu.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("NO_VECTOR_CODE_LOG");
    av_force_cpu_flags(0);
    setenv("JSIMD_FORCENONE", "1", 1);
    if (log) {
        FILE *file = fopen(log, "a");
        if (file) {
            fprintf(file, "%s %d\n", program_invocation_short_name, av_get_cpu_flags());
            fclose(file);
        }
    }
}

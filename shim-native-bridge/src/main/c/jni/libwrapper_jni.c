// libwrapper_jni.c: how the javaagent reaches the libwrapper that is in its process: one JNI function for each of control.h's
// that it calls. Not in the libwrapper itself, which the agent loads only once it knows that it shall govern. Not by JNA,
// because the start of the application would wait for that.
//
// Strings cross as bytes, as the file system spells them. Safe for use by several threads once `find` or `open` is done.
#define _GNU_SOURCE
#include "control.h"
#include "denial_post.h"
#include "io_sluice_bridge_libwrapper_LibwrapperCalls.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static struct {
    __typeof__(&sluice_control_configure) configure;
    __typeof__(&sluice_control_take_hold) take_hold;
    __typeof__(&sluice_control_probe) probe;
    __typeof__(&sluice_control_listen) listen;
    __typeof__(&sluice_control_next_denial) next_denial;
    __typeof__(&sluice_control_answer_denial) answer_denial;
} libwrapper;

static int bind_to(void *handle) {
    libwrapper.configure = (__typeof__(libwrapper.configure))dlsym(handle, "sluice_control_configure");
    libwrapper.take_hold = (__typeof__(libwrapper.take_hold))dlsym(handle, "sluice_control_take_hold");
    libwrapper.probe = (__typeof__(libwrapper.probe))dlsym(handle, "sluice_control_probe");
    libwrapper.listen = (__typeof__(libwrapper.listen))dlsym(handle, "sluice_control_listen");
    libwrapper.next_denial = (__typeof__(libwrapper.next_denial))dlsym(handle, "sluice_control_next_denial");
    libwrapper.answer_denial = (__typeof__(libwrapper.answer_denial))dlsym(handle, "sluice_control_answer_denial");
    return libwrapper.configure && libwrapper.take_hold && libwrapper.probe && libwrapper.listen && libwrapper.next_denial
        && libwrapper.answer_denial;
}

// NULL for null, and where there is no memory. The caller frees it.
static char *string_of(JNIEnv *env, jbyteArray bytes) {
    if (!bytes) {
        return NULL;
    }
    jsize length = (*env)->GetArrayLength(env, bytes);
    char *string = malloc((size_t)length + 1);
    if (string) {
        (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *)string);
        string[length] = 0;
    }
    return string;
}

static jbyteArray bytes_of(JNIEnv *env, const char *string) {
    jsize length = (jsize)strlen(string);
    jbyteArray bytes = (*env)->NewByteArray(env, length);
    if (bytes) {
        (*env)->SetByteArrayRegion(env, bytes, 0, length, (const jbyte *)string);
    }
    return bytes;
}

static void give(JNIEnv *env, const char *text, jbyteArray bytes) {
    (*env)->SetByteArrayRegion(env, bytes, 0, SLUICE_TEXT_BYTES, (const jbyte *)text);
}

JNIEXPORT jboolean JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_find(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    return bind_to(RTLD_DEFAULT) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jbyteArray JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_open(JNIEnv *env, jclass type, jbyteArray path) {
    (void)type;
    char *name = string_of(env, path);
    void *handle = name ? dlopen(name, RTLD_NOW | RTLD_LOCAL) : NULL;
    const char *wrong = NULL;
    if (!name) {
        wrong = "no memory is left";
    } else if (!handle) {
        wrong = dlerror();
    } else if (!bind_to(handle)) {
        wrong = "it is not the libwrapper of this release";
    }
    free(name);
    return wrong ? bytes_of(env, wrong) : NULL;
}

JNIEXPORT jint JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_configure(
    JNIEnv *env, jclass type, jbyteArray tenant, jbyteArray run_directory, jbyteArray driver, jbyteArray on_failure, jbyteArray text) {
    (void)type;
    char said[SLUICE_TEXT_BYTES] = "no memory is left to keep the settings";
    char *values[] = {string_of(env, tenant), string_of(env, run_directory), string_of(env, driver), string_of(env, on_failure)};
    int complete = values[0] && values[1] && (values[2] || !driver) && values[3];
    int result = complete ? libwrapper.configure(values[0], values[1], values[2], values[3], said) : -1;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        free(values[i]);
    }
    give(env, said, text);
    return result;
}

JNIEXPORT jint JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_takeHold(JNIEnv *env, jclass type, jbyteArray alias, jbyteArray text) {
    (void)type;
    char said[SLUICE_TEXT_BYTES] = "no memory is left";
    char *path = string_of(env, alias);
    int result = path ? libwrapper.take_hold(path, said) : -1;
    free(path);
    give(env, said, text);
    return result;
}

JNIEXPORT jint JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_probe(JNIEnv *env, jclass type, jbyteArray text) {
    (void)type;
    char said[SLUICE_TEXT_BYTES] = "";
    int exit_code = libwrapper.probe(said);
    give(env, said, text);
    return exit_code;
}

JNIEXPORT void JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_listen(JNIEnv *env, jclass type, jint listening) {
    (void)env, (void)type;
    libwrapper.listen(listening);
}

JNIEXPORT jint JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_nextDenial(
    JNIEnv *env, jclass type, jbyteArray note, jint timeout_ms) {
    (void)type;
    struct sluice_denial_note heard = {0};
    int news = libwrapper.next_denial(&heard, timeout_ms);
    jsize room = (*env)->GetArrayLength(env, note), size = (jsize)sizeof heard;
    (*env)->SetByteArrayRegion(env, note, 0, size < room ? size : room, (const jbyte *)&heard);
    return news;
}

JNIEXPORT jint JNICALL Java_io_sluice_bridge_libwrapper_LibwrapperCalls_answerDenial(JNIEnv *env, jclass type, jint ticket) {
    (void)env, (void)type;
    return libwrapper.answer_denial(ticket);
}

/* A video device for libav's own V4L2 code, where the machine has none: preloaded, it answers the system calls
 * on one path as a driver would. Ten pictures a second of 64x48, MJPEG or YUYV, from the moment of STREAMON.
 *
 * The environment: IMITATION_PATH the device's path, IMITATION_JPEG a file with the picture (without it the
 * device knows YUYV only), IMITATION_SILENT_AFTER and IMITATION_GONE_AFTER numbers of pictures.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { BUFFERS = 4, LARGEST = 1 << 18, WIDTH = 64, HEIGHT = 48, EVERY_US = 100000, PAGE = 4096 };

static int device = -1, waits = 1;
static char *memory[BUFFERS], picture[LARGEST];
static unsigned queue[BUFFERS], queued, first, format, bytes;
static long given, begun_us;

static long now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 1000000;
}

static int is_device(const char *path) {
    const char *own = getenv("IMITATION_PATH");
    return own && !strcmp(path, own);
}

static void load_picture(void) {
    const char *name = getenv("IMITATION_JPEG");
    format = name ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV;
    bytes = WIDTH * HEIGHT * 2;
    memset(picture, 90, bytes);
    if (name) {
        FILE *file = fopen(name, "rb");
        bytes = fread(picture, 1, LARGEST, file);
        fclose(file);
    }
}

static int open_as(const char *real_name, const char *path, int flags, int mode) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, real_name);
    if (!is_device(path))
        return real(path, flags, mode);
    load_picture();
    waits = !(flags & O_NONBLOCK);
    return device = real("/dev/null", O_RDWR, 0);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return open_as("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return open_as("open64", path, flags, mode);
}

static void *map_as(const char *real_name, void *at, size_t size, int how, int flags, int file, off64_t from) {
    void *(*real)(void *, size_t, int, int, int, off64_t) = dlsym(RTLD_NEXT, real_name);
    return file >= 0 && file == device ? memory[from / PAGE] : real(at, size, how, flags, file, from);
}

void *mmap(void *at, size_t size, int how, int flags, int file, off_t from) {
    return map_as("mmap", at, size, how, flags, file, from);
}

void *mmap64(void *at, size_t size, int how, int flags, int file, off64_t from) {
    return map_as("mmap64", at, size, how, flags, file, from);
}

int munmap(void *at, size_t size) {
    for (int i = 0; i < BUFFERS; i++)
        if (memory[i] == at)
            return 0;
    int (*real)(void *, size_t) = dlsym(RTLD_NEXT, "munmap");
    return real(at, size);
}

static int fail(int why) {
    errno = why;
    return -1;
}

static int set_format(struct v4l2_format *wanted) {
    struct v4l2_pix_format *pix = &wanted->fmt.pix;
    pix->width = WIDTH, pix->height = HEIGHT;
    pix->pixelformat = format, pix->field = V4L2_FIELD_NONE;
    pix->bytesperline = WIDTH * 2, pix->sizeimage = LARGEST;
    return 0;
}

static int set_rate(struct v4l2_streamparm *wanted) {
    wanted->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    wanted->parm.capture.timeperframe = (struct v4l2_fract){1, 10};
    return 0;
}

static int make_buffers(struct v4l2_requestbuffers *wanted) {
    wanted->count = BUFFERS;
    queued = first = 0;
    for (int i = 0; i < BUFFERS; i++)
        if (!memory[i])
            memory[i] = malloc(LARGEST);
    return 0;
}

static int give_picture(struct v4l2_buffer *buffer) {
    for (;;) {
        if (given >= number("IMITATION_GONE_AFTER"))
            return fail(ENODEV);
        int due = queued && given < number("IMITATION_SILENT_AFTER");
        if (due && now_us() - begun_us >= (given + 1) * EVERY_US)
            break;
        if (!waits)
            return fail(EAGAIN);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    buffer->index = queue[first];
    first = (first + 1) % BUFFERS, queued--, given++;
    memcpy(memory[buffer->index], picture, bytes);
    buffer->bytesused = bytes, buffer->length = LARGEST, buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->timestamp.tv_sec = now_us() / 1000000, buffer->timestamp.tv_usec = now_us() % 1000000;
    return 0;
}

static int answer(unsigned request, void *what) {
    struct v4l2_buffer *buffer = what;
    switch (request) {
    case VIDIOC_QUERYCAP:
        ((struct v4l2_capability *)what)->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    case VIDIOC_G_INPUT:
    case VIDIOC_S_INPUT:
        return *(int *)what = 0;
    case VIDIOC_ENUMINPUT:
        return 0;
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
        return set_format(what);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
        return set_rate(what);
    case VIDIOC_REQBUFS:
        return make_buffers(what);
    case VIDIOC_QUERYBUF:
        buffer->length = LARGEST, buffer->m.offset = buffer->index * PAGE;
        return 0;
    case VIDIOC_QBUF:
        queue[(first + queued++) % BUFFERS] = buffer->index;
        return 0;
    case VIDIOC_STREAMON:
        given = 0, begun_us = now_us();
        return 0;
    case VIDIOC_STREAMOFF:
        return 0;
    case VIDIOC_DQBUF:
        return give_picture(buffer);
    default:
        return fail(ENOTTY);
    }
}

int ioctl(int file, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *what = va_arg(rest, void *);
    va_end(rest);
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return file >= 0 && file == device ? answer(request, what) : real(file, request, what);
}

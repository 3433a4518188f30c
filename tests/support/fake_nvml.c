/* A small libnvidia-ml.so.1, for the real module pynvml to load: NVML's functions as nvml.h declares them.
 *
 * The file named by FAKE_NVML says what there is, and is read anew with each call, so that a test changes it at any
 * time. Each line is one of
 *
 *   init CODE                        nvmlInit refuses with that error (9: no driver, 18: another driver's library)
 *   gpu KIND UUID                    a device; KIND is full, little, zeros, denied, lost or reset
 *   xid UUID NUMBER                  an Xid that waits to be taken, once for as long as the line stands
 *
 * A device answers by its UUID wherever it stands in the file, as its handle is the same while the library is open.
 * The library counts what a caller may leak: it holds a descriptor while it is open, and one for each event set.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SUCCESS, UNINITIALIZED, INVALID_ARGUMENT, NOT_SUPPORTED, NO_PERMISSION, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7,
    TIMEOUT = 10, GPU_IS_LOST = 15, RESET_REQUIRED = 16,
};
enum { MOST = 8, XID_EVENT = 8 };

typedef struct { char uuid[64], kind[16]; } Device;
typedef struct { int open, descriptor; Device *listened[MOST]; int count; } EventSet;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { unsigned pid; unsigned long long used; unsigned instance, compute; } Process;
typedef struct { Device *device; unsigned long long type, data; unsigned instance, compute; } Event;

static Device devices[MOST];     /* every device that was ever listed: handles stay the same */
static Device *listed[MOST];
static int device_count, listed_count, init_refusal, opened, descriptor = -1;
static struct { char uuid[64]; unsigned number; int taken; } xids[64];
static int xid_count;
static EventSet sets[MOST];

static Device *device_of(const char *uuid) {
    for (int i = 0; i < device_count; i++)
        if (!strcmp(devices[i].uuid, uuid)) return &devices[i];
    strcpy(devices[device_count].uuid, uuid);
    return &devices[device_count++];
}

static void read_plan(void) {
    char line[256], kind[16], uuid[64];
    unsigned number;
    int seen = 0;
    FILE *file = fopen(getenv("FAKE_NVML"), "r");
    init_refusal = listed_count = 0;
    for (int i = 0; i < device_count; i++) strcpy(devices[i].kind, "absent");
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "init %d", &init_refusal);
        if (sscanf(line, "gpu %15s %63s", kind, uuid) == 2) {
            listed[listed_count] = device_of(uuid);
            strcpy(listed[listed_count++]->kind, kind);
        }
        if (sscanf(line, "xid %63s %u", uuid, &number) == 2) {
            if (seen == xid_count) {
                strcpy(xids[seen].uuid, uuid);
                xids[seen].number = number;
                xids[seen].taken = 0;
                xid_count++;
            }
            seen++;
        }
    }
    xid_count = seen;
    if (file) fclose(file);
}

static int is(const Device *device, const char *kind) { return !strcmp(device->kind, kind); }

/* Return what a device answers to every question before it is looked at which. */
static int state(const Device *device) {
    if (!opened) return UNINITIALIZED;
    read_plan();
    if (is(device, "lost") || is(device, "absent")) return GPU_IS_LOST;
    if (is(device, "reset")) return RESET_REQUIRED;
    return SUCCESS;
}

/* Return SUCCESS for a device that answers everything. */
static int full(const Device *device) {
    int error = state(device);
    return error ? error : is(device, "full") ? SUCCESS : NOT_SUPPORTED;
}

#define GIVE(device, target, value) \
    int error = full(device); \
    if (!error) *(target) = (value); \
    return error

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    read_plan();
    if (init_refusal) return init_refusal;
    if (!opened++) descriptor = open("/dev/null", O_RDONLY);
    return SUCCESS;
}
int nvmlShutdown(void) {
    if (!opened) return UNINITIALIZED;
    if (!--opened) close(descriptor);
    return SUCCESS;
}
const char *nvmlErrorString(int error) { (void)error; return "fake"; }
int nvmlDeviceGetCount_v2(unsigned *count) {
    if (!opened) return UNINITIALIZED;
    read_plan();
    if (init_refusal) return init_refusal;
    *count = listed_count;
    return SUCCESS;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **device) {
    if (!opened) return UNINITIALIZED;
    read_plan();
    if (index >= (unsigned)listed_count) return INVALID_ARGUMENT;
    if (is(listed[index], "denied")) return NO_PERMISSION;
    if (is(listed[index], "lost")) return GPU_IS_LOST;
    *device = listed[index];
    return SUCCESS;
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    if (!opened) return UNINITIALIZED;
    snprintf(text, size, "590.48.01");
    return SUCCESS;
}

int nvmlDeviceGetName(Device *device, char *text, unsigned size) {
    int error = state(device);
    if (!error) snprintf(text, size, is(device, "full") ? "NVIDIA RTX A2000" : "Orin (nvgpu)");
    return error;
}
int nvmlDeviceGetUUID(Device *device, char *text, unsigned size) {
    int error = state(device);
    if (!error && is(device, "little")) return NOT_SUPPORTED;
    if (!error) snprintf(text, size, "%s", device->uuid);
    return error;
}
int nvmlDeviceGetUtilizationRates(Device *device, Utilization *rates) {
    GIVE(device, rates, ((Utilization){37, 12}));
}
int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
    int error = state(device);
    if (!error && is(device, "zeros")) { memset(memory, 0, sizeof *memory); return SUCCESS; }
    if (!error && !is(device, "full")) return NOT_SUPPORTED;
    if (!error) *memory = (Memory){12ULL << 30, 9ULL << 30, 3ULL << 30};
    return error;
}
int nvmlDeviceGetTemperature(Device *device, int sensor, unsigned *celsius) {
    (void)sensor;
    GIVE(device, celsius, 61);
}
int nvmlDeviceGetPowerUsage(Device *device, unsigned *milliwatts) { GIVE(device, milliwatts, 41500); }
int nvmlDeviceGetEnforcedPowerLimit(Device *device, unsigned *milliwatts) { GIVE(device, milliwatts, 70000); }
int nvmlDeviceGetFanSpeed(Device *device, unsigned *percent) { GIVE(device, percent, 30); }
int nvmlDeviceGetClockInfo(Device *device, int type, unsigned *mhz) { GIVE(device, mhz, type == 2 ? 6001 : 1200); }
int nvmlDeviceGetEncoderUtilization(Device *device, unsigned *percent, unsigned *period) {
    *period = 167000;
    GIVE(device, percent, 5);
}
int nvmlDeviceGetDecoderUtilization(Device *device, unsigned *percent, unsigned *period) {
    *period = 167000;
    GIVE(device, percent, 12);
}
/* Idle, held by its power limit, and too hot: what an older driver calls by another name. */
#ifdef OLD_DRIVER
int nvmlDeviceGetCurrentClocksThrottleReasons(Device *device, unsigned long long *bits) { GIVE(device, bits, 0x25); }
#else
int nvmlDeviceGetCurrentClocksEventReasons(Device *device, unsigned long long *bits) { GIVE(device, bits, 0x25); }
#endif

static int listing(Device *device, unsigned *count, Process *into, const Process *from, unsigned many) {
    int error = state(device);
    if (error) return error;
    if (!is(device, "full") && !is(device, "zeros")) return NOT_SUPPORTED;
    unsigned room = *count;
    *count = many;
    if (!many) return SUCCESS;
    if (room < many || !into) return INSUFFICIENT_SIZE;
    memcpy(into, from, many * sizeof *from);
    return SUCCESS;
}
/* The process that asks, one whose memory the driver does not say (all bits set), and what a Jetson lists: a pid of
 * nothing, and one that cannot be. */
int nvmlDeviceGetComputeRunningProcesses_v3(Device *device, unsigned *count, Process *into) {
    const Process both[] = {{getpid(), 800u << 20, -1, -1}, {getppid(), -1ULL, -1, -1},
                            {0, 5, -1, -1}, {4000000000u, 6, -1, -1}};
    return listing(device, count, into, both, 4);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(Device *device, unsigned *count, Process *into) {
    const Process drawing[] = {{getpid(), 800u << 20, -1, -1}};
    return listing(device, count, into, drawing, 1);
}

int nvmlEventSetCreate(EventSet **set) {
    if (!opened) return UNINITIALIZED;
    for (int i = 0; i < MOST; i++)
        if (!sets[i].open) {
            sets[i] = (EventSet){1, open("/dev/null", O_RDONLY), {0}, 0};
            *set = &sets[i];
            return SUCCESS;
        }
    return 20; /* NVML_ERROR_MEMORY */
}
int nvmlDeviceRegisterEvents(Device *device, unsigned long long types, EventSet *set) {
    int error = full(device);
    if (error) return error;
    if (types != XID_EVENT) return INVALID_ARGUMENT;
    set->listened[set->count++] = device;
    return SUCCESS;
}
int nvmlEventSetWait_v2(EventSet *set, Event *event, unsigned timeout_ms) {
    (void)timeout_ms;
    if (!opened) return UNINITIALIZED;
    read_plan();
    for (int i = 0; i < xid_count; i++)
        for (int j = 0; j < set->count; j++)
            if (!xids[i].taken && !strcmp(xids[i].uuid, set->listened[j]->uuid)) {
                xids[i].taken = 1;
                *event = (Event){set->listened[j], XID_EVENT, xids[i].number, -1, -1};
                return SUCCESS;
            }
    return TIMEOUT;
}
int nvmlEventSetFree(EventSet *set) {
    close(set->descriptor);
    set->open = 0;
    return SUCCESS;
}

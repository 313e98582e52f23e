/* Stands in for the kernel's dma-heaps, from which libcamera's virtual pipeline takes its buffers: kernels without them, such as
 * those of most CI machines, have no /dev/dma_heap. To open a heap gives a memory file, to allocate from it gives another, and
 * "sync" and a name are granted. A buffer is then ordinary shared memory with a file descriptor, which is all that libcamera and picamera2
 * use of one. Everything else (requests, completion, metadata, mapping, stopping) is theirs and untouched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 };
static char is_heap[DESCRIPTORS];

static int names_a_heap(const char *path) { return path && strncmp(path, "/dev/dma_heap/", 14) == 0; }

static int open_heap(void) {
  int heap = memfd_create("heap", MFD_CLOEXEC);
  if (heap >= 0 && heap < DESCRIPTORS) is_heap[heap] = 1;
  return heap;
}

static int mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; }

#define OPEN(name)                                                                   \
  int name(const char *path, int flags, ...) {                                       \
    static int (*real)(const char *, int, ...);                                      \
    va_list rest;                                                                    \
    va_start(rest, flags);                                                           \
    int mode = mode_of(flags, rest);                                                 \
    va_end(rest);                                                                    \
    if (names_a_heap(path)) return open_heap();                                      \
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);      \
    return real(path, flags, mode);                                                  \
  }
OPEN(open)
OPEN(open64)

int close(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "close");
  if (descriptor >= 0 && descriptor < DESCRIPTORS) is_heap[descriptor] = 0;
  return real(descriptor);
}

int ioctl(int descriptor, unsigned long request, ...) {
  static int (*real)(int, unsigned long, ...);
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (!real) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  if (request == DMA_HEAP_IOCTL_ALLOC && descriptor >= 0 && descriptor < DESCRIPTORS && is_heap[descriptor]) {
    struct dma_heap_allocation_data *wanted = argument;
    int buffer = memfd_create("buffer", MFD_CLOEXEC);
    if (buffer < 0 || ftruncate(buffer, (off_t)wanted->len) != 0) return -1;
    wanted->fd = (unsigned int)buffer;
    return 0;
  }
  int answer = real(descriptor, request, argument);
  int granted = request == DMA_BUF_IOCTL_SYNC || request == DMA_BUF_SET_NAME_A || request == DMA_BUF_SET_NAME_B;
  return answer < 0 && granted ? 0 : answer;
}

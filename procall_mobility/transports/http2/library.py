"""libnghttp2: what of it we call, and how it is found.

It is called by its binary interface, so that no compiler is needed.  Everything declared here is
in release 1.52 (Debian 12) and in 1.64 (Debian 13).  Pointers that we only pass on, or compute
ourselves, are declared as the integers they are: cffi makes no object for an integer.
"""

import functools
from typing import Any

from attrs import field, frozen
from cffi import FFI

SONAME = "libnghttp2.so.14"

DECLARATIONS = """
typedef struct nghttp2_session nghttp2_session;

typedef struct {
    int age; int version_num; const char *version_str; const char *proto_str;
} nghttp2_info;
typedef struct { int32_t settings_id; uint32_t value; } nghttp2_settings_entry;
typedef struct {
    size_t length; int32_t stream_id; uint8_t type; uint8_t flags; uint8_t reserved;
} nghttp2_frame_hd;
typedef struct {
    nghttp2_frame_hd hd; int32_t last_stream_id; uint32_t error_code;
    const char *opaque_data; size_t opaque_data_len; uint8_t reserved;
} nghttp2_goaway;
typedef struct { uintptr_t source; void *read_callback; } nghttp2_data_provider;

nghttp2_info *nghttp2_version(int least_version);
const char *nghttp2_strerror(int error);
const char *nghttp2_http2_strerror(uint32_t error_code);

int nghttp2_session_callbacks_new(void **callbacks);
void nghttp2_session_callbacks_set_on_header_callback(void *, void *);
void nghttp2_session_callbacks_set_on_frame_recv_callback(void *, void *);
void nghttp2_session_callbacks_set_on_data_chunk_recv_callback(void *, void *);
void nghttp2_session_callbacks_set_on_stream_close_callback(void *, void *);
void nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(void *, void *);

int nghttp2_session_client_new(nghttp2_session **, void *callbacks, uintptr_t user_data);
void nghttp2_session_del(nghttp2_session *);
ssize_t nghttp2_session_mem_recv(nghttp2_session *, const char *octets, size_t length);
ssize_t nghttp2_session_mem_send(nghttp2_session *, const char **octets);
int nghttp2_session_want_read(nghttp2_session *);
int nghttp2_session_want_write(nghttp2_session *);
uint32_t nghttp2_session_get_remote_settings(nghttp2_session *, int id);
void *nghttp2_session_find_stream(nghttp2_session *, int32_t stream_id);
int nghttp2_session_terminate_session(nghttp2_session *, uint32_t error_code);

int nghttp2_submit_settings(
    nghttp2_session *, uint8_t flags, const nghttp2_settings_entry *, size_t entries);
int32_t nghttp2_submit_request(
    nghttp2_session *, uintptr_t priority, const char *fields, size_t count,
    const nghttp2_data_provider *, uintptr_t stream_user_data);
int nghttp2_submit_ping(nghttp2_session *, uint8_t flags, const char *opaque_data);
int nghttp2_submit_rst_stream(
    nghttp2_session *, uint8_t flags, int32_t stream_id, uint32_t error_code);
"""


class LibraryMissing(Exception):
    """There is no libnghttp2 on this machine; the text names the cure."""


@frozen
class Library:
    """The loaded library."""

    ffi: FFI = field(repr=False)
    lib: Any = field(repr=False)
    version: str
    """As `1.52.0`."""


@functools.cache
def load(soname: str = SONAME) -> Library:
    """Load libnghttp2.

    Raises:
        LibraryMissing: it is not installed.
    """
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    try:
        lib = ffi.dlopen(soname)
    except OSError as error:
        raise LibraryMissing(
            f"{soname} is not installed: push over HTTP/2 needs the Debian package libnghttp2-14"
        ) from error
    return Library(ffi, lib, ffi.string(lib.nghttp2_version(0).version_str).decode())

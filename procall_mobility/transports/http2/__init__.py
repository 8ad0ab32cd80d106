"""HTTP/2 towards providers of push services (RFC 9113): libnghttp2 below, Twisted above."""

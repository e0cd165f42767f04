// Package rawbytes shows relu at work on the bytes of files and sockets. It
// exports nothing: the examples are what there is.
package rawbytes

// A library of Windows that Wine before 9 lacks. Go's runtime asks it for random
// numbers; for tests, these are good enough.
__declspec(dllexport) int ProcessPrng(unsigned char *p, unsigned long long n) {
	unsigned long long x = __builtin_ia32_rdtsc() | 1;
	while (n--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		*p++ = x >> 32;
	}
	return 1;
}

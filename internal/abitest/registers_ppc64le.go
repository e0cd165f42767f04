package abitest

// registers are those that are compared.
var registers = [...]string{"R0, which is zero", "R1, the stack pointer", "R2, the table of contents", "R13, the thread",
	"R30, the goroutine", "FPSCR's control"}

package abitest

// registers are those that are compared.
var registers = [...]string{"RSP", "R18, the platform's", "R28, the goroutine", "R29, the frame pointer", "FPCR"}

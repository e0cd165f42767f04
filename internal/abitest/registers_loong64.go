package abitest

// registers are those that are compared.
var registers = [...]string{"R2, the thread", "R3, the stack pointer", "R21, the platform's", "R22, the goroutine", "FCSR's control"}

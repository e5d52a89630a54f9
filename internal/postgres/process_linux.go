package postgres

import "syscall"

// dieWithParent makes the kernel tell the server to quit when this process
// dies, even of SIGKILL. See start for what the kernel takes for its death.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }

package tracer

import (
	"fmt"
	"strings"
)

// A Frame is one function of the application on the way to an [Event].
type Frame struct {
	// Function is the full name, as in "example.com/shop/orders.(*Service).List".
	Function string `json:"function"`
	// File is relative to the main module: "orders/service.go". In another module
	// it begins with the import path of its package. It is never absolute.
	File string `json:"file"`
	Line int    `json:"line"` // of the call that leads to the next frame, or to the event
}

// receiver is how the name of a method writes a pointer type.
var receiver = strings.NewReplacer("(*", "", ")", "")

// Name returns the function as people call it: "Service.List".
func (f Frame) Name() string {
	name, rest, _ := strings.Cut(localName(f.Function), "[")
	return receiver.Replace(name + rest[strings.LastIndexByte(rest, ']')+1:])
}

// Site returns where the frame is: "orders/service.go:12".
func (f Frame) Site() string { return fmt.Sprintf("%s:%d", f.File, f.Line) }

package machine

import (
	"os"
	"strconv"
	"strings"
)

// cpu returns what the CPUs did. It is zero where /proc does not tell.
func cpu() times {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return times{}
	}
	return parse(string(text))
}

// parse reads the first line: "cpu", then user, nice, system, idle, iowait, irq, softirq and
// steal, of which the last is what a hypervisor gave to others.
func parse(stat string) (t times) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return times{}
	}
	for i, field := range fields[1:9] {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return times{}
		}
		t.all += n
		if i != 3 && i != 4 { // idle, and idle while a disk works
			t.busy += n
		}
	}
	return t
}

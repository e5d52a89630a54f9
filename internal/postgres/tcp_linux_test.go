package postgres

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestListeners asks the system, not the server.
func TestListeners(t *testing.T) {
	for _, open := range []struct {
		name string
		with func(*testing.T) serverIn
		want func(serverIn) []string
	}{
		{"on its socket", onSharedSocket,
			func(serverIn) []string { return nil }},
		{"over TCP", onSharedTCP,
			func(s serverIn) []string { return []string{fmt.Sprintf("127.0.0.1:%d", s.config.ConnConfig.Port)} }},
	} {
		t.Run(open.name, func(t *testing.T) {
			s := open.with(t)
			pid, err := postmaster(dataIn(t, s.base))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := listeners(t, pid), open.want(s); !slices.Equal(got, want) {
				t.Errorf("the server listens on %q, want %q", got, want)
			}
		})
	}
}

// listeners returns the addresses on which a process listens for TCP.
func listeners(t *testing.T, pid int) []string {
	t.Helper()
	process := fmt.Sprintf("/proc/%d", pid)
	held := map[string]bool{}
	links, err := filepath.Glob(process + "/fd/*")
	if err != nil || len(links) == 0 {
		t.Fatalf("no open files: %v", err)
	}
	for _, l := range links {
		target, _ := os.Readlink(l)
		held[target] = true
	}
	var addresses []string
	for _, table := range []string{"tcp", "tcp6"} {
		file, err := os.Open(filepath.Join(process, "net", table))
		if os.IsNotExist(err) { // without IPv6
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			const local, state, inode, listening = 1, 3, 9, "0A"
			fields := strings.Fields(lines.Text())
			if fields[state] == listening && held["socket:["+fields[inode]+"]"] {
				addresses = append(addresses, address(t, fields[local]))
			}
		}
	}
	return addresses
}

// address reads an address as the kernel writes it: in words of its own byte
// order, and the port as a number.
func address(t *testing.T, text string) string {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	ip, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(ip, 4) {
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	var number uint16
	if _, err := fmt.Sscanf(port, "%X", &number); err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort(net.IP(ip).String(), fmt.Sprint(number))
}

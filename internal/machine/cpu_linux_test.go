package machine

import "testing"

func TestParse(t *testing.T) {
	for _, test := range []struct {
		stat string
		want times
	}{
		{"cpu  10 1 5 100 20 2 3 4 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n", times{busy: 25, all: 145}},
		{"", times{}},
		{"cpu 1 2 3\n", times{}},
		{"cpu a b c d e f g h\n", times{}},
		{"intr 1 2 3 4 5 6 7 8 9\n", times{}},
	} {
		if got := parse(test.stat); got != test.want {
			t.Errorf("%q: got %+v, want %+v", test.stat, got, test.want)
		}
	}
	if now := cpu(); now.all == 0 || now.busy > now.all {
		t.Errorf("this machine did %+v", now)
	}
}

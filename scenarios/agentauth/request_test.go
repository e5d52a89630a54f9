package agentauth

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestRequestBodies(t *testing.T) {
	signer := testSigner(t)
	var passed Claim
	url := serve(t, NewHandler(doorkeeper(&passed), nil, nil, signer.Certificate))
	request, err := signer.Request("i-1", "main")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	const limit = 64 << 10
	valid := string(raw)
	// padded is the valid request with spaces inside, as long as asked for.
	padded := func(size int) string { return "{" + strings.Repeat(" ", size-len(valid)) + valid[1:] }

	for _, test := range []struct {
		name, body string
		want       int
	}{
		{"valid", valid, 200},
		{"another field", strings.Replace(valid, "{", `{"vendor":1,`, 1), 200},
		{"as large as may be", padded(limit), 200},
		{"one byte larger", padded(limit + 1), 413},
		{"much larger", padded(1 << 20), 413},
		{"larger by what follows", valid + strings.Repeat(" ", limit), 413},
		{"empty", "", 400},
		{"cut off", valid[:len(valid)-1], 400},
		{"not JSON", "document=1", 400},
		{"array", "[]", 400},
		{"string", `"x"`, 400},
		{"document of another type", `{"document":{"instanceId":"i-1"}}`, 400},
		{"something after the request", valid + "}", 400},
		{"two requests", valid + valid, 400},
		{"nothing in it", "{}", 401},
	} {
		t.Run(test.name, func(t *testing.T) {
			passed = Claim{}
			got := post(t, url, []byte(test.body))
			if got.status != test.want {
				t.Errorf("%d bytes %.30s…: got %d %s, want %d", len(test.body), test.body, got.status, got.body, test.want)
			}
			if passes := passed != (Claim{}); passes != (test.want == http.StatusOK) {
				t.Errorf("%d bytes %.30s…: reached the version: %v, want %v", len(test.body), test.body, passes, !passes)
			}
		})
	}
}

func TestOnlyPost(t *testing.T) {
	url := serve(t, NewHandler(doorkeeper(new(Claim)), nil, nil, testSigner(t).Certificate))
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
		request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if allow := response.Header.Get("Allow"); response.StatusCode != http.StatusMethodNotAllowed || allow != "POST" {
			t.Errorf("%s: got %d, Allow %q, want 405, Allow POST", method, response.StatusCode, allow)
		}
	}
}

package tracer_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestFrameName(t *testing.T) {
	for function, want := range map[string]string{
		"main.main":         "main",
		"myapp/orders.List": "List",
		"example.com/shop/orders.(*Service).List":           "Service.List",
		"example.com/shop/orders.Service.List":              "Service.List",
		"example.com/shop/orders.Map[...]":                  "Map",
		"example.com/shop/orders.(*Cache[...]).Get":         "Cache.Get",
		"example.com/shop/orders.Cache[...].Get":            "Cache.Get",
		"example.com/shop/orders.Map[example.com/a.B[c.D]]": "Map",
		"example.com/shop/orders_test.TestList":             "TestList",
		"gopkg.in/yaml%2ev3.Unmarshal":                      "Unmarshal",
		"gopkg.in/yaml%2ev3.(*Decoder).Decode":              "Decoder.Decode",
		"github.com/Some-Body/go.mod/v2.F":                  "F",
		"":                                                  "",
	} {
		if got := (tracer.Frame{Function: function}).Name(); got != want {
			t.Errorf("Name() of %s\n got %q\nwant %q", function, got, want)
		}
	}
}

func TestFrameSite(t *testing.T) {
	if got, want := (tracer.Frame{File: "orders/service.go", Line: 12}).Site(), "orders/service.go:12"; got != want {
		t.Errorf("Site() = %q, want %q", got, want)
	}
}

package load

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/rs/zerolog"
)

// A network stands between a pool and its server and delays every answer. It listens
// on loopback.
type network struct {
	proxy *toxiproxy.Proxy
}

// newNetwork leads to the TCP address upstream, and lets a round trip take latency
// longer.
func newNetwork(upstream string, latency time.Duration) (*network, error) {
	// Its log would name the server.
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", upstream)
	// All of it in one direction: the proxy knows whole milliseconds only.
	toxic := fmt.Sprintf(`{"type": "latency", "stream": %q, "attributes": {"latency": %d}}`,
		stream.Downstream, latency.Milliseconds())
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		return nil, fmt.Errorf("delay the network: %w", err)
	}
	if err := proxy.Start(); err != nil {
		return nil, fmt.Errorf("open the network: %w", err)
	}
	return &network{proxy}, nil
}

// dial connects to the server, wherever the driver takes it to be.
func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", n.proxy.Listen)
}

// close ends the network with all connections on it.
func (n *network) close() { n.proxy.Stop() }

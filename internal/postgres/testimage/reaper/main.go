// Reaper stands in for testcontainers' reaper, Ryuk, where its image cannot be had:
// it listens on port 8080 for lines of label filters, answers each with ACK, and
// once the last connection has ended removes the containers they match, and ends.
//
// It is for tests only.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/moby/moby/client"
)

// patience is how long it waits for the next connection once there is none.
const patience = time.Second

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, stdout io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", ":8080")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "Started")
	var (
		open    = make(chan int)
		mu      sync.Mutex
		filters []url.Values
	)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				open <- 1
				defer func() { open <- -1 }()
				lines := bufio.NewScanner(conn)
				for lines.Scan() {
					if filter, err := url.ParseQuery(lines.Text()); err == nil && len(filter["label"]) > 0 {
						mu.Lock()
						filters = append(filters, filter)
						mu.Unlock()
						_, _ = fmt.Fprintln(conn, "ACK")
					}
				}
			}()
		}
	}()
	// The first connection is a probe of the port.
	idle := time.NewTimer(time.Minute)
	for n := 0; ; {
		select {
		case change := <-open:
			n += change
			idle.Reset(patience)
		case <-idle.C:
			mu.Lock()
			known := len(filters)
			mu.Unlock()
			if n > 0 || known == 0 {
				idle.Reset(time.Minute)
				continue
			}
			return remove(ctx, filters)
		}
	}
}

func remove(ctx context.Context, filters []url.Values) error {
	engine, err := client.New(client.FromEnv, client.WithHost("unix:///var/run/docker.sock"))
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	for _, filter := range filters {
		list, err := engine.ContainerList(ctx, client.ContainerListOptions{
			All:     true,
			Filters: make(client.Filters).Add("label", filter["label"]...),
		})
		if err != nil {
			return err
		}
		for _, c := range list.Items {
			_, err := engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

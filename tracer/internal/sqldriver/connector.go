package sqldriver

import (
	"context"
	"database/sql/driver"
	"io"
)

// A connector is the driver's connector with an observer.
type connector struct {
	driver.Connector
	observer Observer
}

// Wrap returns c with the observer o for its connections.
func Wrap(c driver.Connector, o Observer) driver.Connector { return &connector{c, o} }

// ObserverOf returns the observer that c was wrapped with, or nil.
func ObserverOf(c driver.Connector) Observer {
	if c, ok := c.(*connector); ok {
		return c.observer
	}
	return nil
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if inner == nil || err != nil {
		return inner, err
	}
	return newConn(inner, c.observer.Opened(ctx, inner)), nil
}

func (c *connector) Close() error {
	if closer, ok := c.Connector.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

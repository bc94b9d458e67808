//go:build !linux

package store

import (
	"context"
	"net"
	"time"
)

// lostAfter is after how long a host that has gone without a word counts as
// lost, as far as the system can be told.
const lostAfter = 6 * time.Second

// dialer connects to a database.
func dialer(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: lostAfter / 3, Interval: lostAfter / 6, Count: 4}}
	return d.DialContext(ctx, network, address)
}

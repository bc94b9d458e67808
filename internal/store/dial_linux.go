package store

import (
	"context"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lostAfter is after how long a host that has gone without a word counts as
// lost: the network is asked by itself, since an answer may take its time.
const lostAfter = 6 * time.Second

// dialer connects to a database.
func dialer(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: lostAfter / 3, Interval: lostAfter / 6, Count: 4},
		Control: func(network, _ string, c syscall.RawConn) error {
			if network == "unix" {
				return nil
			}
			var failed error
			err := c.Control(func(fd uintptr) {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(lostAfter.Milliseconds()))
			})
			if err == nil {
				err = failed
			}
			return err
		},
	}
	return d.DialContext(ctx, network, address)
}

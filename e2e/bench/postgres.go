package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"guanxi/internal/pgtest"
)

// databaseName is the database in the clusters of this program.
const databaseName = "bench"

// startCluster starts PostgreSQL on the data that an earlier run has kept in a
// folder, or on new ones that are kept there. Stop it before Close.
func startCluster(ctx context.Context, kept string) (c *pgtest.Cluster, err error) {
	kept, err = filepath.Abs(kept)
	if err != nil {
		return nil, err
	}
	settings, err := settings()
	if err != nil {
		return nil, err
	}
	if c, err = pgtest.Start(pgtest.Options{Dir: filepath.Dir(filepath.Dir(kept)), Settings: settings}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := keep(c, kept); err != nil {
		return nil, err
	}
	there, err := c.QueryTexts(ctx, "postgres", "SELECT 1 FROM pg_database WHERE datname = '"+databaseName+"'")
	if err == nil && len(there) == 0 {
		err = c.CreateDatabase(ctx, databaseName, "")
	}
	return c, err
}

// keep puts a link to the kept data in the place of the cluster's own. With
// its folder a cluster removes the link only, and that even when this program
// was killed.
func keep(c *pgtest.Cluster, kept string) error {
	u, err := url.Parse(c.URL(databaseName))
	if err != nil {
		return err
	}
	own := filepath.Join(u.Query().Get("host"), "data") // the socket lies beside the data
	if err := c.Stop(); err != nil {
		return err
	}
	if _, err := os.Stat(kept); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(own, kept); err != nil {
			return err
		}
	} else if err := adopt(own, kept); err != nil {
		return err
	}
	if err := os.Symlink(kept, own); err != nil {
		return err
	}
	return c.Restart()
}

// adopt gives kept data the settings of a new cluster and removes its data.
func adopt(own, kept string) error {
	for name, change := range map[string]func(fresh, path string) error{
		"PG_VERSION": func(fresh, path string) error {
			old, err := os.ReadFile(path)
			if err == nil && !bytes.Equal(old, []byte(fresh)) {
				err = fmt.Errorf("%s is of PostgreSQL %s and not of %s; remove it", kept, bytes.TrimSpace(old), strings.TrimSpace(fresh))
			}
			return err
		},
		"postgresql.conf": func(fresh, path string) error { return os.WriteFile(path, []byte(fresh), 0o600) },
	} {
		fresh, err := os.ReadFile(filepath.Join(own, name))
		if err != nil {
			return err
		}
		if err := change(string(fresh), filepath.Join(kept, name)); err != nil {
			return err
		}
	}
	return os.RemoveAll(own)
}

// settings are those of a server that keeps what it has acknowledged.
func settings() (map[string]string, error) {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return nil, err
	}
	_, after, _ := strings.Cut(string(info), "MemTotal:")
	var kilobytes int64
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		return nil, fmt.Errorf("/proc/meminfo: %w", err)
	}
	quarter := kilobytes >> 10 / 4
	return map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "jit": "off",
		"shared_buffers": fmt.Sprintf("%dMB", min(quarter, 2048)), "effective_cache_size": fmt.Sprintf("%dMB", 2*quarter),
		"max_wal_size": "4GB", "checkpoint_timeout": "15min", "wal_keep_size": "0", "random_page_cost": "1.1",
	}, nil
}

// settle brings a loaded database into the state that it has in the long run,
// so that no housekeeping runs while it is measured.
func settle(ctx context.Context, c *pgtest.Cluster) error {
	if err := c.Exec(ctx, databaseName, "VACUUM (FREEZE, ANALYZE)"); err != nil {
		return err
	}
	return c.Exec(ctx, databaseName, "CHECKPOINT")
}

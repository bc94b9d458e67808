// Package app wires the parts together: the only place that builds values.
package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"guanxi/internal/store"
)

// Config is every option of a running server. Each field is a flag and an
// environment variable; package main's help is made from the tags.
type Config struct {
	Data           string        `help:"Folder of the database and the files." default:"./data" env:"GUANXI_DATA" placeholder:"DIR"`
	Database       string        `help:"URL of a PostgreSQL database, postgres://user:password@host:5432/name. Empty: the embedded database in the data folder." env:"GUANXI_DATABASE" placeholder:"URL" secret:""`
	DatabaseRead   string        `help:"URL of a streaming replica of the database. Reads go there when it has caught up." env:"GUANXI_DATABASE_READ" placeholder:"URL" secret:""`
	Connections    int           `name:"database-connections" help:"Connections to the PostgreSQL database at most. 0: four for each processor." default:"0" env:"GUANXI_DATABASE_CONNECTIONS" placeholder:"N"`
	Storage        string        `help:"Where the bytes of files lie. Empty: the folder files in the data folder. In S3: s3://bucket/prefix?endpoint=https://host&region=name&path_style=1, with the credentials in GUANXI_S3_ACCESS_KEY and GUANXI_S3_SECRET_KEY." env:"GUANXI_STORAGE" placeholder:"URL"`
	Addr           string        `help:"Address to listen on." default:"127.0.0.1:8080" env:"GUANXI_ADDR" placeholder:"HOST:PORT"`
	PublicURL      string        `help:"Start of absolute links, such as https://crm.example.com. Empty: the host of each request." env:"GUANXI_PUBLIC_URL" placeholder:"URL"`
	TrustedProxies []string      `help:"Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed." env:"GUANXI_TRUSTED_PROXIES" placeholder:"CIDR"`
	SessionsDevice int           `name:"sessions-per-device" help:"Live sessions of a user on one kind of device." default:"1" env:"GUANXI_SESSIONS_PER_DEVICE" placeholder:"N"`
	IdleLife       time.Duration `name:"session-idle" help:"A token expires after so long without use." default:"168h" env:"GUANXI_SESSION_IDLE" placeholder:"DURATION"`
	AbsoluteLife   time.Duration `name:"session-life" help:"A token expires so long after sign-in." default:"720h" env:"GUANXI_SESSION_LIFE" placeholder:"DURATION"`
	SignInFailures int           `name:"signin-failures" help:"Failed sign-ins that lock a login; ten times that lock an address. 0: never." default:"10" env:"GUANXI_SIGNIN_FAILURES" placeholder:"N"`
	SignInLock     time.Duration `name:"signin-lock" help:"How long a lock lasts, counted from the first failure." default:"15m" env:"GUANXI_SIGNIN_LOCK" placeholder:"DURATION"`
	RateCalls      int           `name:"rate-calls" help:"Calls allowed per organization and period. 0: no limit." default:"0" env:"GUANXI_RATE_CALLS" placeholder:"N"`
	RatePeriod     time.Duration `name:"rate-period" help:"Period of the rate limit." default:"10s" env:"GUANXI_RATE_PERIOD" placeholder:"DURATION"`
	MaxBody        int64         `name:"max-body" help:"Largest form or JSON body in bytes." default:"1048576" env:"GUANXI_MAX_BODY" placeholder:"BYTES"`
	MaxUpload      int64         `name:"max-upload" help:"Largest multipart body in bytes." default:"34603008" env:"GUANXI_MAX_UPLOAD" placeholder:"BYTES"`
	UploadLimit    int64         `name:"upload-limit" help:"Largest uploaded file in bytes; --max-upload must have room for it and for the fields beside it." default:"33554432" env:"GUANXI_UPLOAD_LIMIT" placeholder:"BYTES"`
	PictureCache   int64         `name:"picture-cache" help:"Room for made pictures in bytes." default:"536870912" env:"GUANXI_PICTURE_CACHE" placeholder:"BYTES"`
	ListMemory     int64         `name:"list-memory" help:"Memory for the columns of lists in bytes; the lists of one organization may take more." default:"1073741824" env:"GUANXI_LIST_MEMORY" placeholder:"BYTES"`
	AMapKey        string        `name:"amap-key" help:"Key of the AMap static map service; empty: maps are drawn without a map." env:"GUANXI_AMAP_KEY" placeholder:"KEY" secret:""`
	LogLevel       string        `name:"log-level" help:"debug, info, warn or error. Requests are logged at info." enum:"debug,info,warn,error" default:"info" env:"GUANXI_LOG_LEVEL"`
	LogFormat      string        `name:"log-format" help:"json or text." enum:"json,text" default:"json" env:"GUANXI_LOG_FORMAT"`
	ShutdownWait   time.Duration `name:"shutdown-wait" help:"How long running requests may take to finish at the end." default:"10s" env:"GUANXI_SHUTDOWN_WAIT" placeholder:"DURATION"`
}

// Where is the database as package store knows it: a URL, or the file in the
// data folder.
func (c *Config) Where() string {
	if c.Database != "" {
		return c.Database
	}
	return DatabaseFile(c.Data)
}

// Validate refuses what kong cannot see.
func (c *Config) Validate() error {
	var errs []error
	if c.SessionsDevice < 1 {
		errs = append(errs, errors.New("--sessions-per-device must be at least 1"))
	}
	if c.Database != "" && !store.IsURL(c.Database) {
		errs = append(errs, errors.New("--database must look like postgres://user:password@host:5432/name"))
	}
	if c.DatabaseRead != "" && (c.Database == "" || !store.IsURL(c.DatabaseRead)) {
		errs = append(errs, errors.New("--database-read must look like postgres://user:password@host:5432/name and needs --database"))
	}
	if _, err := ElsewhereStorage(c.Storage); err != nil {
		errs = append(errs, err)
	}
	if c.Connections < 0 {
		errs = append(errs, errors.New("--database-connections must not be negative"))
	}
	if c.IdleLife <= 0 || c.AbsoluteLife <= 0 {
		errs = append(errs, errors.New("--session-idle and --session-life must be positive"))
	}
	if c.RateCalls < 0 || c.SignInFailures < 0 || c.MaxBody <= 0 || c.MaxUpload <= 0 || c.UploadLimit <= 0 || c.PictureCache <= 0 || c.ListMemory < 0 || c.ShutdownWait < 0 {
		errs = append(errs, errors.New("--rate-calls, --signin-failures, --list-memory and --shutdown-wait must not be negative; --max-body, --max-upload, --upload-limit and --picture-cache must be positive"))
	}
	if c.SignInFailures > 0 && c.SignInLock <= 0 {
		errs = append(errs, errors.New("--signin-lock must be positive"))
	}
	if c.RateCalls > 0 && c.RatePeriod <= 0 {
		errs = append(errs, errors.New("--rate-period must be positive"))
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || strings.ContainsAny(c.PublicURL, "\"\\ ") {
			errs = append(errs, errors.New("--public-url must look like https://crm.example.com"))
		}
		c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	}
	if _, err := c.proxies(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.TrustedProxies {
		s = strings.TrimSpace(s)
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("--trusted-proxies: %q is neither an address nor a network", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// Level is the log level as slog knows it.
func (c *Config) Level() slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(c.LogLevel)) // the command line has checked it
	return l
}

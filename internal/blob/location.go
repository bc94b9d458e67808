package blob

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// Location says where in an S3 service objects are kept. It holds no
// credentials.
type Location struct {
	Bucket string
	// Prefix is a key under which all objects lie, or empty.
	Prefix string
	// Endpoint is the host of the service, with a port perhaps.
	Endpoint string
	// Plain says that the service is spoken to without TLS.
	Plain  bool
	Region string
	// PathStyle puts the bucket into the path of requests instead of the host.
	PathStyle bool
}

const (
	awsEndpoint   = "s3.amazonaws.com"
	defaultRegion = "us-east-1"
	maxPrefix     = 256
)

// ParseLocation reads a location such as
//
//	s3://bucket/prefix?endpoint=https://s3.example.com&region=us-east-1&path_style=1
//
// Prefix and parameters may be left out; an endpoint without https:// or
// http:// is spoken to by TLS. Credentials in it are refused. The errors do not
// repeat the text, which may hold a secret by mistake.
func ParseLocation(text string) (*Location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Opaque != "" || u.Fragment != "" {
		return nil, errors.New("it must look like s3://bucket/prefix?endpoint=https://s3.example.com&region=us-east-1&path_style=1")
	}
	if u.User != nil {
		return nil, errors.New("credentials do not belong into it")
	}
	l := &Location{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/"), Endpoint: awsEndpoint, Region: defaultRegion}
	if s3utils.CheckValidBucketNameStrict(l.Bucket) != nil {
		return nil, errors.New("it names no valid bucket")
	}
	if l.Prefix != "" && (CheckKey(l.Prefix) != nil || len(l.Prefix) > maxPrefix) {
		return nil, fmt.Errorf("its prefix cannot start the key of an object, or is longer than %d bytes", maxPrefix)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("its parameters cannot be read")
	}
	for name, values := range query {
		if len(values) != 1 || values[0] == "" {
			return nil, errors.New("each of its parameters must be given once and not be empty")
		}
		if err := l.set(name, values[0]); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *Location) set(name, value string) error {
	switch name {
	case "endpoint":
		if !strings.Contains(value, "://") {
			value = "https://" + value
		}
		e, err := url.Parse(value)
		if err != nil || e.Scheme != "https" && e.Scheme != "http" || e.Host == "" || e.User != nil ||
			strings.Trim(e.Path, "/") != "" || e.RawQuery != "" || e.Fragment != "" {
			return errors.New("its endpoint must look like https://s3.example.com:9000")
		}
		l.Endpoint, l.Plain = e.Host, e.Scheme == "http"
	case "region":
		l.Region = value
	case "path_style":
		if value != "0" && value != "1" {
			return errors.New("its path_style must be 0 or 1")
		}
		l.PathStyle = value == "1"
	default:
		return errors.New("its parameters are endpoint, region and path_style only")
	}
	return nil
}

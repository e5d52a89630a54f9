//go:build linux || darwin

package download

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"
)

const (
	// dialLimit bounds the wait on a machine without network access.
	dialLimit = 5 * time.Second
	// answerLimit bounds the wait for the first byte of an answer.
	answerLimit = 30 * time.Second
	// stallLimit bounds the wait for more data.
	stallLimit = 30 * time.Second
	// largest is several times the size of the largest archive, in bytes.
	largest = 200 << 20
	// mostRedirects is how many redirects are followed.
	mostRedirects = 5
)

var httpClient = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: dialLimit}).DialContext,
	TLSHandshakeTimeout:   dialLimit,
	ResponseHeaderTimeout: answerLimit,
}}

// architectures maps Go's names to those of the archives.
var architectures = map[string]string{
	"linux/386": "i386", "linux/amd64": "amd64", "linux/arm": "arm32v7", "linux/arm64": "arm64v8",
	"linux/ppc64le": "ppc64le", "darwin/amd64": "amd64", "darwin/arm64": "arm64v8",
}

const archivePrefix = "embedded-postgres-binaries-"

func archiveName() (string, error) {
	architecture, ok := architectures[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return "", fmt.Errorf("no programs are published for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	if _, err := os.Stat("/etc/alpine-release"); err == nil {
		architecture += "-alpine" // for its C library
	}
	return archivePrefix + runtime.GOOS + "-" + architecture, nil
}

// Reach reports whether the archive for this machine could be downloaded.
func (c Cache) Reach(ctx context.Context) error {
	archive, err := archiveName()
	if err != nil {
		return err
	}
	if c.Checksum != "" {
		answer, err := c.ask(ctx, http.MethodHead, c.url(archive))
		if err == nil {
			_ = answer.Body.Close()
		}
		return err
	}
	_, err = c.published(ctx, archive)
	return err
}

func (c Cache) url(archive string) string {
	return strings.TrimSuffix(c.Repository, "/") + "/io/zonky/test/postgres/" +
		archive + "/" + Version + "/" + archive + "-" + Version + ".jar"
}

// get downloads the archive and checks it against Checksum, or else against the checksum that
// the repository publishes. It returns the checksum.
func (c Cache) get(ctx context.Context, archive string, file *os.File) (sum string, err error) {
	sum = c.Checksum
	if sum == "" {
		// First, because an archive without a checksum is of no use.
		if sum, err = c.published(ctx, archive); err != nil {
			return "", err
		}
	}
	stall := cmp.Or(c.stall, stallLimit)
	flowing, stop := context.WithCancel(ctx)
	defer stop()
	answer, err := c.ask(flowing, http.MethodGet, c.url(archive))
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	size := ""
	if answer.ContentLength > 0 {
		size = fmt.Sprintf(" (%.1f MB)", float64(answer.ContentLength)/1e6)
	}
	c.notify(fmt.Sprintf("Downloading PostgreSQL %s%s from %s, once, to %s.", Version, size, c.shownRepository(), c.Folder))
	stalled := time.AfterFunc(stall, stop)
	defer stalled.Stop()
	hash := sha256.New()
	alive := writer(func([]byte) { stalled.Reset(stall) })
	n, err := io.Copy(io.MultiWriter(file, hash, alive), io.LimitReader(answer.Body, largest+1))
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case flowing.Err() != nil:
		return "", fmt.Errorf("no data for %s; run again", stall)
	case errors.As(err, new(*fs.PathError)):
		return "", err
	case err != nil:
		return "", errors.New("the connection ended during the archive; run again")
	case n > largest:
		return "", errors.New("the archive is too large; do not trust the repository")
	case hex.EncodeToString(hash.Sum(nil)) == sum:
		return sum, nil
	case c.Checksum != "":
		return "", fmt.Errorf("the archive does not have the checksum in FANOUT_MAVEN_SHA256; "+
			"set the checksum of %s-%s.jar, or do not trust the repository", archive, Version)
	}
	return "", errors.New("the archive does not have the checksum published with it; run again, " +
		"and if that does not help, do not trust the repository")
}

// A writer is called with what is written to it.
type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// published returns the checksum that the repository publishes with the archive.
func (c Cache) published(ctx context.Context, archive string) (string, error) {
	answer, err := c.ask(ctx, http.MethodGet, c.url(archive)+".sha256")
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil {
		return "", errors.New("the connection ended during the checksum; run again")
	}
	// Some repositories append the file name.
	fields := strings.Fields(strings.ToLower(string(text)))
	if len(fields) == 0 || !isChecksum(fields[0]) {
		return "", errors.New("the published checksum is not one; do not trust the repository")
	}
	return fields[0], nil
}

var (
	errPlain = errors.New("the repository FANOUT_MAVEN_URL names uses plain http, where an attacker on the way " +
		"can replace the archive and its checksum; use https://, or set FANOUT_MAVEN_SHA256 to the checksum of the archive")
	errNoURL = errors.New("FANOUT_MAVEN_URL must be a URL that begins with https:// or http://")
)

// allowed returns an error if nothing may be fetched from url, which may come from a redirect.
func (c Cache) allowed(url *url.URL) error {
	switch {
	case url.Host == "" || url.Scheme != "http" && url.Scheme != "https":
		return errNoURL
	case url.Scheme == "http" && c.Checksum == "":
		return errPlain
	}
	return nil
}

// ask requests an address and returns the answer if its status is 200.
func (c Cache) ask(ctx context.Context, method, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, errNoURL
	}
	if err := c.allowed(request.URL); err != nil {
		return nil, err
	}
	client := *cmp.Or(c.client, httpClient)
	client.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if len(before) > mostRedirects {
			return errors.New("too many redirects")
		}
		return c.allowed(next.URL)
	}
	answer, err := client.Do(request)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errPlain):
		return nil, errPlain
	case err != nil:
		return nil, fmt.Errorf("%s cannot be reached; check the network, or set FANOUT_MAVEN_URL to a mirror", c.shownRepository())
	case answer.StatusCode != http.StatusOK:
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%s answers %d; set FANOUT_MAVEN_URL to a repository that has io.zonky.test.postgres",
			c.shownRepository(), answer.StatusCode)
	}
	return answer, nil
}

func (c Cache) shownRepository() string {
	if c.Repository == Central {
		return "Maven Central"
	}
	return "the repository FANOUT_MAVEN_URL names"
}

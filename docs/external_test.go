package docs

import (
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

var external = flag.Bool("external", false, "follow links to other places, for which it takes a network")

// TestExternalLinks follows every link that leads elsewhere.
func TestExternalLinks(t *testing.T) {
	if !*external {
		t.Skip("without -external")
	}
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	followed := map[string]bool{}
	for _, p := range pages {
		for _, link := range p.links {
			if u, err := url.Parse(link); err != nil || !u.IsAbs() || followed[link] {
				continue
			}
			followed[link] = true
			if err := followExternal(link); err != nil {
				t.Errorf("%s: link to %s: %v", p.path, link, err)
			}
		}
	}
	if len(followed) == 0 {
		t.Error("no page has a link that leads elsewhere")
	}
}

// followExternal wants an answer; that it may not be had by a program, or not
// so often, is one.
func followExternal(link string) error {
	client := http.Client{Timeout: time.Minute}
	answer, err := client.Get(link)
	if err != nil {
		return err
	}
	answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK, http.StatusForbidden, http.StatusTooManyRequests:
		return nil
	}
	return errors.New(answer.Status)
}

func TestFollowExternal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
		case "/moved":
			http.Redirect(w, r, "/good", http.StatusMovedPermanently)
		default:
			http.NotFound(w, r)
		}
	}))
	for _, good := range []string{"/good", "/moved"} {
		if err := followExternal(server.URL + good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	if followExternal(server.URL+"/gone") == nil {
		t.Error("/gone is taken for good")
	}
	server.Close()
	if followExternal(server.URL+"/good") == nil {
		t.Error("a server that is not there is taken for good")
	}
}

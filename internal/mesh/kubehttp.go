package mesh

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is what a path asks for.
type call struct {
	key
	version string // of the group, as in v1
	all     bool   // of the kind, in one namespace or every one
}

// readPath reads /api/VERSION/… and /apis/GROUP/VERSION/…, with RESOURCE, RESOURCE/NAME or
// namespaces/NAMESPACE/RESOURCE[/NAME] after that.
func readPath(path string) (c call, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		c.version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		c.group, c.version, parts = parts[1], parts[2], parts[3:]
	default:
		return c, false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		c.namespace, parts = parts[1], parts[2:]
	}
	c.resource = parts[0]
	switch len(parts) {
	case 1:
		c.all = true
	case 2:
		c.name = parts[1]
	default:
		return c, false // a subresource: nothing here has one
	}
	return c, true
}

func (k *Kube) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/version" {
		answer(w, http.StatusOK, object{"major": "1", "minor": "34", "gitVersion": "v1.34.0"})
		return
	}
	c, ok := readPath(r.URL.Path)
	if !ok {
		refuse(w, http.StatusNotFound, "NotFound")
		return
	}
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && c.all && query.Get("sendInitialEvents") == "true":
		refuse(w, http.StatusUnprocessableEntity, "Invalid") // the client lists, then, and watches after that
	case r.Method == http.MethodGet && c.all && query.Get("watch") == "true":
		version, _ := strconv.Atoi(query.Get("resourceVersion"))
		k.watch(w, r, c, version)
	case r.Method == http.MethodGet && c.all:
		k.list(w, r, c)
	case r.Method == http.MethodGet:
		k.mu.Lock()
		o, is := k.objects[c.key]
		k.mu.Unlock()
		if !is {
			refuse(w, http.StatusNotFound, "NotFound")
			return
		}
		answer(w, http.StatusOK, c.present(r, o))
	case r.Method == http.MethodPost && c.all, r.Method == http.MethodPut && !c.all:
		k.write(w, r, c)
	case r.Method == http.MethodDelete && !c.all:
		k.remove(c.key)
		answer(w, http.StatusOK, object{"kind": "Status", "apiVersion": "v1", "status": "Success"})
	default:
		refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

func (k *Kube) write(w http.ResponseWriter, r *http.Request, c call) {
	var o object
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &o)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest")
		return
	}
	if meta, ok := o["metadata"].(object); ok && c.all {
		c.name, _ = meta["name"].(string)
	}
	if c.name == "" {
		refuse(w, http.StatusUnprocessableEntity, "Invalid")
		return
	}
	answer(w, http.StatusCreated, c.present(r, k.set(c.key, o)))
}

func (k *Kube) list(w http.ResponseWriter, r *http.Request, c call) {
	k.mu.Lock()
	items := []object{}
	for at, o := range k.objects {
		if c.takes(at) && selected(r, at) {
			items = append(items, c.present(r, o))
		}
	}
	version := len(k.history)
	k.mu.Unlock()
	slices.SortFunc(items, func(a, b object) int {
		return cmp.Compare(a["metadata"].(object)["uid"].(string), b["metadata"].(object)["uid"].(string))
	})
	list := object{"metadata": object{"resourceVersion": strconv.Itoa(version)}, "items": items}
	switch {
	case partial(r):
		list["apiVersion"], list["kind"] = "meta.k8s.io/v1", "PartialObjectMetadataList"
	case kindAt(c.group, c.resource) != "":
		list["apiVersion"], list["kind"] = c.apiVersion(), kindAt(c.group, c.resource)+"List"
	}
	answer(w, http.StatusOK, list)
}

// watch writes what happens after a version, for as long as the client wants it.
func (k *Kube) watch(w http.ResponseWriter, r *http.Request, c call, version int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	lines := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	var over <-chan time.Time
	if seconds, err := strconv.Atoi(r.URL.Query().Get("timeoutSeconds")); err == nil {
		timer := time.NewTimer(time.Duration(seconds) * time.Second)
		defer timer.Stop()
		over = timer.C
	}
	for {
		events, changed := k.since(version)
		version += len(events)
		for _, e := range events {
			if c.takes(e.at) && selected(r, e.at) {
				if err := lines.Encode(object{"type": e.what, "object": c.present(r, e.now)}); err != nil {
					return
				}
			}
		}
		if err := flush.Flush(); err != nil {
			return
		}
		select {
		case <-changed:
		case <-over:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func (c *call) takes(at key) bool {
	return at.group == c.group && at.resource == c.resource && (c.namespace == "" || at.namespace == c.namespace)
}

// selected obeys the one selector of fields that istiod uses. Selectors of labels are for
// what it makes itself.
func selected(r *http.Request, at key) bool {
	name, found := strings.CutPrefix(r.URL.Query().Get("fieldSelector"), "metadata.name=")
	return !found || at.name == name
}

func (c *call) apiVersion() string {
	if c.group == "" {
		return c.version
	}
	return c.group + "/" + c.version
}

// partial tells whether a client wants metadata alone.
func partial(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata")
}

// present is an object as it was asked for: in a version, or its metadata alone.
func (c *call) present(r *http.Request, o object) object {
	if partial(r) {
		return object{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": o["metadata"]}
	}
	o = maps.Clone(o)
	o["apiVersion"] = c.apiVersion()
	if name := kindAt(c.group, c.resource); name != "" {
		o["kind"] = name
	}
	return o
}

func answer(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}

func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status})
}

package mesh

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Kube is the Kubernetes API of a cluster that has Istio's kinds: as much of it as istiod asks
// for. Objects come by Apply, and istiod's own (its leases, its configuration maps) by HTTP.
type Kube struct {
	URL string

	server *http.Server
	done   chan error

	mu      sync.Mutex
	objects map[key]object
	history []event       // all that has happened; the resource version of the nth is n
	changed chan struct{} // closed at the next change
}

// key is where an object is.
type key struct{ group, resource, namespace, name string }

// object is one as JSON has it.
type object = map[string]any

// event is a change of one object.
type event struct {
	what string // ADDED, MODIFIED, DELETED
	at   key
	now  object
}

// StartKube serves a cluster without any objects but the definitions of Istio's kinds.
func StartKube() (*Kube, error) {
	k := &Kube{done: make(chan error, 1), objects: map[key]object{}, changed: make(chan struct{})}
	for _, kind := range kinds {
		if kind.istio {
			k.set(key{definitions.group, definitions.resource, "", kind.resource + "." + kind.group}, object{
				"apiVersion": "apiextensions.k8s.io/v1", "kind": definitions.kind, "metadata": object{},
			})
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k.URL = "http://" + listener.Addr().String()
	k.server = &http.Server{Handler: http.HandlerFunc(k.serve)}
	go func() { k.done <- k.server.Serve(listener) }()
	return k, nil
}

// Close ends the API, and every watch of it.
func (k *Kube) Close() error {
	err := k.server.Close()
	if end := <-k.done; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// Apply makes every object of a stream of YAML documents what it says, as kubectl apply does.
func (k *Kube) Apply(text []byte) error {
	all, err := decode(text)
	if err != nil {
		return err
	}
	for at, o := range all {
		k.set(at, o)
	}
	return nil
}

// Delete takes every object of a stream of YAML documents away, as kubectl delete does.
func (k *Kube) Delete(text []byte) error {
	all, err := decode(text)
	if err != nil {
		return err
	}
	for at := range all {
		if !k.remove(at) {
			return fmt.Errorf("mesh: there is no %s %s/%s", at.resource, at.namespace, at.name)
		}
	}
	return nil
}

// DeleteNamespace takes a namespace away, with every object in it.
func (k *Kube) DeleteNamespace(name string) error {
	var in []key
	k.mu.Lock()
	for at := range k.objects {
		if at.namespace == name {
			in = append(in, at)
		}
	}
	k.mu.Unlock()
	for _, at := range in {
		k.remove(at)
	}
	return k.Delete([]byte("{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}"))
}

// decode reads objects. Numbers and such are as a cluster would have read them: YAML by way of
// JSON.
func decode(text []byte) (map[key]object, error) {
	all := map[key]object{}
	for documents := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var o object
		err := documents.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("mesh: %w", err)
		}
		if o == nil {
			continue // nothing but comments
		}
		js, err := json.Marshal(o)
		if err != nil {
			return nil, fmt.Errorf("mesh: %w", err)
		}
		var head struct {
			APIVersion, Kind string
			Metadata         struct{ Name, Namespace string }
		}
		o = nil
		if err := errors.Join(json.Unmarshal(js, &head), json.Unmarshal(js, &o)); err != nil {
			return nil, fmt.Errorf("mesh: %w", err)
		}
		kind, err := kindOf(head.APIVersion, head.Kind)
		if err != nil {
			return nil, err
		}
		at := key{kind.group, kind.resource, head.Metadata.Namespace, head.Metadata.Name}
		if _, twice := all[at]; twice || at.name == "" {
			return nil, fmt.Errorf("mesh: %s %s/%s: want one of a name", at.resource, at.namespace, at.name)
		}
		all[at] = o
	}
}

// set puts an object in its place, and returns it as it is then.
func (k *Kube) set(at key, o object) object {
	k.mu.Lock()
	defer k.mu.Unlock()
	what, generation := "ADDED", 1
	if old, is := k.objects[at]; is {
		what, generation = "MODIFIED", old["metadata"].(object)["generation"].(int)+1
	}
	o = maps.Clone(o)
	meta, _ := o["metadata"].(object)
	meta = maps.Clone(meta)
	if meta == nil {
		meta = object{}
	}
	meta["name"] = at.name
	if at.namespace != "" {
		meta["namespace"] = at.namespace
	}
	meta["uid"] = fmt.Sprint(at)
	meta["generation"] = generation
	meta["creationTimestamp"] = "2026-01-01T00:00:00Z"
	o["metadata"] = meta
	k.objects[at] = o
	k.happened(event{what, at, o})
	return o
}

func (k *Kube) remove(at key) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	o, is := k.objects[at]
	if is {
		o = maps.Clone(o)
		o["metadata"] = maps.Clone(o["metadata"].(object))
		delete(k.objects, at)
		k.happened(event{"DELETED", at, o})
	}
	return is
}

// happened is called with the lock held.
func (k *Kube) happened(e event) {
	k.history = append(k.history, e)
	e.now["metadata"].(object)["resourceVersion"] = strconv.Itoa(len(k.history))
	close(k.changed)
	k.changed = make(chan struct{})
}

// since are the changes after a version, and what is closed at the next one.
func (k *Kube) since(version int) ([]event, <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.history[min(max(version, 0), len(k.history)):], k.changed
}

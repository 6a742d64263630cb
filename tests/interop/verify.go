// A verifier that knows nothing of Socai's code: Go's golang.org/x/mod reads the signed notes, the tree and the tiles
// (docs/formats.md), crypto/ed25519 the statements. It checks a live node's head against a policy - log line, every
// co-signature that the policy knows, the quorum - then every entry, every tile, inclusion and consistency proofs, and each
// statement's signature by the keys of the genesis.
//
// usage: verify NODE_URL POLICY_FILE       exit status 0 when all of it holds
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

// A cosigner (C2SP tlog-cosignature, 0x04), which x/mod does not know itself.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("not a verifier key: %s", vkey)
	}
	id, err := strconv.ParseUint(parts[1], 16, 32)
	must(err, vkey)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, vkey)
	if len(key) != 33 || key[0] != 4 {
		fail("not a cosigner's key: %s", vkey)
	}
	return cosigner{parts[0], uint32(id), key[1:]}
}

// C2SP tlog-policy: what a name needs, and what it has.
type group struct {
	threshold int
	members   []string
}
type policy struct {
	verifiers []note.Verifier
	logs      map[string]bool   // "name+id" of the logs' keys
	witnesses map[string]string // "name+id" -> witness
	groups    map[string]group
	quorum    string
}

func key(v interface {
	Name() string
	KeyHash() uint32
}) string {
	return fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash())
}

func readPolicy(path string) policy {
	text, err := os.ReadFile(path)
	must(err, path)
	p := policy{logs: map[string]bool{}, witnesses: map[string]string{}, groups: map[string]group{}}
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		switch words[0] {
		case "log":
			v, err := note.NewVerifier(words[1])
			must(err, line)
			p.verifiers = append(p.verifiers, v)
			p.logs[key(v)] = true
		case "witness":
			v := newCosigner(words[2])
			p.verifiers = append(p.verifiers, v)
			p.witnesses[key(v)] = words[1]
		case "group":
			members := words[3:]
			threshold := len(members)
			if words[2] == "any" {
				threshold = 1
			} else if words[2] != "all" {
				threshold, err = strconv.Atoi(words[2])
				must(err, line)
			}
			p.groups[words[1]] = group{threshold, members}
		case "quorum":
			p.quorum = words[1]
		default:
			fail("unknown line in the policy: %s", line)
		}
	}
	return p
}

func (p policy) met(name string, signed map[string]bool) bool {
	if name == "none" {
		return true
	}
	g, ok := p.groups[name]
	if !ok {
		return signed[name]
	}
	count := 0
	for _, member := range g.members {
		if p.met(member, signed) {
			count++
		}
	}
	return count >= g.threshold
}

var base string

func get(path string) []byte {
	answer, err := http.Get(base + path)
	must(err, path)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(err, path)
	if answer.StatusCode != 200 {
		fail("%s: status %d: %s", path, answer.StatusCode, body)
	}
	return body
}

// x/mod names tiles tile/8/L/N and tile/8/data/N; C2SP leaves the height out and says entries.
func c2spPath(t tlog.Tile) string {
	return "/" + strings.Replace(strings.Replace(t.Path(), "tile/8/", "tile/", 1), "tile/data/", "tile/entries/", 1)
}

type tiles struct{ read map[string][]byte }

func (r tiles) Height() int { return 8 }
func (r tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, t := range wanted {
		path := c2spPath(t)
		if _, ok := r.read[path]; !ok {
			r.read[path] = get(path)
		}
		if len(r.read[path]) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes, not %d", path, len(r.read[path]), t.W*tlog.HashSize)
		}
		data[i] = r.read[path]
	}
	return data, nil
}
func (r tiles) SaveTiles([]tlog.Tile, [][]byte) {}

type head struct {
	origin string
	tree   tlog.Tree
}

func parseHead(text string) head {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		fail("a checkpoint has three lines, this one: %q", text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	return head{lines[0], tlog.Tree{N: size, Hash: root}}
}

func entriesOf(h head) [][]byte {
	var entries [][]byte
	for n := int64(0); n*256 < h.tree.N; n++ {
		width := h.tree.N - n*256
		if width > 256 {
			width = 256
		}
		bundle := get(c2spPath(tlog.Tile{H: 8, L: -1, N: n, W: int(width)}))
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 {
				fail("bundle %d is cut short", n)
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				fail("bundle %d is cut short", n)
			}
			entries = append(entries, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			fail("bundle %d has %d bytes too many", n, len(bundle))
		}
	}
	return entries
}

type statement struct {
	header  struct{ Alg, Kid, Typ, Aud, Cty string }
	payload []byte
}

func parseStatement(entry []byte) (s statement, signed string, signature []byte, err error) {
	space := bytes.IndexByte(entry, ' ')
	if space < 0 {
		return s, "", nil, errors.New("no space")
	}
	parts := strings.Split(string(entry[space+1:]), ".")
	if len(parts) != 3 {
		return s, "", nil, errors.New("not three parts")
	}
	encoding := base64.RawURLEncoding.Strict()
	header, err := encoding.DecodeString(parts[0])
	if err != nil {
		return s, "", nil, err
	}
	if err = json.Unmarshal(header, &s.header); err != nil {
		return s, "", nil, err
	}
	if s.payload, err = encoding.DecodeString(parts[1]); err != nil {
		return s, "", nil, err
	}
	signature, err = encoding.DecodeString(parts[2])
	return s, parts[0] + "." + parts[1], signature, err
}

// The record keys that leaf 0 registers.
func keysOf(genesis []byte) map[string]ed25519.PublicKey {
	s, _, _, err := parseStatement(genesis)
	must(err, "the genesis")
	var record struct {
		Data struct{ Keys []struct{ Kid, X string } }
	}
	must(json.Unmarshal(s.payload, &record), "the genesis")
	keys := map[string]ed25519.PublicKey{}
	for _, k := range record.Data.Keys {
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		must(err, k.Kid)
		keys[k.Kid] = x
	}
	return keys
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: verify NODE_URL POLICY_FILE")
		os.Exit(2)
	}
	base = os.Args[1]
	p := readPolicy(os.Args[2])

	opened, err := note.Open(get("/checkpoint"), note.VerifierList(p.verifiers...))
	must(err, "the checkpoint")
	h := parseHead(opened.Text)
	byLog, signed := false, map[string]bool{}
	for _, signature := range opened.Sigs {
		id := fmt.Sprintf("%s+%08x", signature.Name, signature.Hash)
		if p.logs[id] && signature.Name == h.origin {
			byLog = true
		}
		if witness, ok := p.witnesses[id]; ok {
			signed[witness] = true
		}
	}
	if !byLog {
		fail("no log of the policy signed the head of %s", h.origin)
	}
	if p.quorum == "none" || !p.met(p.quorum, signed) {
		fail("the quorum %s of the policy is not met: %v", p.quorum, signed)
	}
	fmt.Printf("head of %s: %d leaves, %d co-signatures verified, quorum met\n", h.origin, h.tree.N, len(signed))

	entries := entriesOf(h)
	var stored []tlog.Hash
	storedReader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	keys := keysOf(entries[0])
	statements := 0
	for i, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(i), entry, storedReader)
		must(err, "hashes")
		stored = append(stored, hashes...)
		s, message, signature, err := parseStatement(entry)
		must(err, fmt.Sprintf("leaf %d", i))
		key, ok := keys[s.header.Kid]
		if !ok || s.header.Aud != h.origin || !ed25519.Verify(key, []byte(message), signature) {
			fail("leaf %d: the statement of %s does not verify", i, s.header.Kid)
		}
		statements++
	}
	root, err := tlog.TreeHash(h.tree.N, storedReader)
	must(err, "the root")
	if root != h.tree.Hash {
		fail("the entries have the root %v, the head says %v", root, h.tree.Hash)
	}
	fmt.Printf("%d entries give the head's root, %d statements verified\n", len(entries), statements)

	checked := 0
	for _, t := range tlog.NewTiles(8, 0, h.tree.N) {
		if t.W != 256 && int64(t.W) != (h.tree.N>>(8*uint(t.L)))&255 {
			continue // x/mod 0.7.0 lists every width up to the last
		}
		want, err := tlog.ReadTileData(t, storedReader)
		must(err, t.Path())
		if !bytes.Equal(want, get(c2spPath(t))) {
			fail("%s differs from what the entries give", c2spPath(t))
		}
		checked++
	}
	fmt.Printf("%d tiles are as the entries give them\n", checked)

	served := tlog.TileHashReader(h.tree, tiles{map[string][]byte{}})
	for i := range entries {
		proof, err := tlog.ProveRecord(h.tree.N, int64(i), served)
		must(err, "proof")
		must(tlog.CheckRecord(proof, h.tree.N, h.tree.Hash, int64(i), tlog.RecordHash(entries[i])), fmt.Sprintf("leaf %d", i))
	}
	for _, old := range []int64{1, h.tree.N / 2, h.tree.N - 1} {
		if old < 1 || old >= h.tree.N {
			continue
		}
		oldRoot, err := tlog.TreeHash(old, storedReader)
		must(err, "the older root")
		proof, err := tlog.ProveTree(h.tree.N, old, served)
		must(err, "consistency")
		must(tlog.CheckTree(proof, h.tree.N, h.tree.Hash, old, oldRoot), "consistency")
	}
	fmt.Printf("inclusion proofs of all %d leaves and consistency proofs hold\n", len(entries))
}

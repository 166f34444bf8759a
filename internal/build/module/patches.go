package module

// A patch edits one file of the standard library. What it looks for must be there exactly
// once: a release of Go that has changed the text fails the build, and someone looks.
type patch struct {
	file string // below GOROOT/src
	find string // a text; from one that begins with "func ", the function to its closing brace
	with string
}

// patches are what a filter's module does without. Each group says why that is safe;
// RATIONALE.md has the bytes that it saves. A fatal error still prints its message and
// the stacks; recovered panics and runtime.Stack are as they were.
var patches = []patch{
	// Go's runtime on wasip1 sleeps with poll_oneoff, also in the midst of a collection.
	// Envoy 1.33 to 1.37 answers it with "not implemented" and the runtime throws: under load
	// most requests of an unchanged module fail. Nothing in a filter may wait in any case,
	// so here a wait is over at once: no event has come. time.Sleep does not sleep then.
	{"runtime/os_wasip1.go", pollImported, pollReplaced},

	// Whether two texts are equal, which a request asks some hundred times: by words, where
	// there are any, in front of the loop over bytes.
	{"internal/bytealg/equal_wasm.s", bytesCompared, wordsCompared + bytesCompared},

	// Execution traces: nobody can start one, so none is ever on.
	{"runtime/traceruntime.go", "func traceEnabled() bool {", "func traceEnabled() bool { return false }"},
	{"runtime/traceruntime.go", "func traceAllocFreeEnabled() bool {", "func traceAllocFreeEnabled() bool { return false }"},
	{"runtime/traceruntime.go", "func traceShuttingDown() bool {", "func traceShuttingDown() bool { return false }"},
	{"runtime/traceruntime.go", "func traceAcquire() traceLocker {", "func traceAcquire() traceLocker { return traceLocker{} }"},
	{"runtime/traceruntime.go", "func (tl traceLocker) ok() bool {", "func (tl traceLocker) ok() bool { return false }"},
	{"runtime/traceruntime.go", "func traceRelease(tl traceLocker) {", "func traceRelease(tl traceLocker) {}"},
	{"runtime/traceallocfree.go", "func (tl traceLocker) SpanFree(s *mspan) {", "func (tl traceLocker) SpanFree(s *mspan) {}"},

	// GODEBUG: a gateway's operator has no use for it, so every setting has its default.
	// This also drops the runtime's metrics, which only counted such settings.
	{"internal/godebug/godebug.go", "func (s *Setting) Value() string {", `func (s *Setting) Value() string { return "" }`},
	{"internal/godebug/godebug.go", "func (s *Setting) IncNonDefault() {", "func (s *Setting) IncNonDefault() {}"},
	{"internal/godebug/godebug.go", "func init() {", ""},
	{"internal/cpu/cpu.go", "func processOptions(env string) {", "func processOptions(env string) {}"},
	{"runtime/runtime1.go", "func parsegodebug(godebug string, seen map[string]bool) {", "func parsegodebug(godebug string, seen map[string]bool) {}\n\nvar _, _ = strconv.Atoi, bytealg.IndexByteString"},

	// What only a setting of GODEBUG prints: it cannot be set any more.
	{"runtime/proc.go", "func schedtrace(detailed bool) {", "func schedtrace(detailed bool) {}"},
	{"runtime/proc.go", "func saveAncestors(callergp *g) *[]ancestorInfo {", "func saveAncestors(callergp *g) *[]ancestorInfo { return nil }"},
	{"runtime/proc.go", "	if debug.inittrace != 0 {", "	if false {"},
	{"runtime/proc.go", "		if inittrace.active {\n			start =", "		if false {\n			start ="},
	{"runtime/proc.go", "		if inittrace.active {\n			end :=", "		if false {\n			end :="},
	{"runtime/traceback.go", "func printAncestorTraceback(ancestor ancestorInfo) {", "func printAncestorTraceback(ancestor ancestorInfo) {}"},
	{"runtime/mcheckmark.go", "func runCheckmark(", "func runCheckmark(prepareRootSet func(*gcWork)) {}"},
	{"runtime/mcheckmark.go", "func setCheckmark(obj, base, off uintptr, mbits markBits) bool {", "func setCheckmark(obj, base, off uintptr, mbits markBits) bool { return false }"},
	{"runtime/mcheckmark.go", "func checkFinalizersAndCleanups() {", "func checkFinalizersAndCleanups() {}"},
	{"runtime/mgc.go", "	if debug.gctrace > 0 {", "	if false {"},
	{"runtime/mgc.go", "	if debug.checkfinalizers > 0 {\n		fq", "	if false {\n		fq"},
	{"runtime/mgcscavenge.go", "func printScavTrace(", "func printScavTrace(releasedBg, releasedEager uintptr, forced bool) {}"},

	// What the runtime prints of a corrupted heap before it dies. The message stays.
	{"runtime/hexdump.go", "func hexdumpWords(", "func hexdumpWords(p, len uintptr, mark func(uintptr, hexdumpMarker)) {}\n\nvar _ unsafe.Pointer"},
	{"runtime/mgcmark.go", "func gcDumpObject(", "func gcDumpObject(label string, obj, off uintptr) {}"},
	{"runtime/mgcsweep.go", "func (s *mspan) reportZombies() {", "func (s *mspan) reportZombies() { throw(\"found pointer to free object\") }"},

	// The value of a fatal panic, where its type is a named one of a basic kind: its
	// address is printed then, as it is of a struct.
	{"runtime/error.go", "func printanycustomtype(i any) {", "func printanycustomtype(i any) {\n	eface := efaceOf(&i)\n	print(\"(\", toRType(eface._type).string(), \") \", eface.data)\n}"},

	// Floating-point numbers that the runtime prints are printed as their bits. It prints none
	// but the value of a fatal panic, and only these prints need the decimal forms.
	{"runtime/print.go", "func printfloat64(v float64) {", "func printfloat64(v float64) { printhex(float64bits(v)) }"},
	{"runtime/print.go", "func printfloat32(v float32) {", "func printfloat32(v float32) { printfloat64(float64(v)) }"},
	{"runtime/print.go", "func printcomplex128(c complex128) {", "func printcomplex128(c complex128) { print(real(c), imag(c)) }"},
	{"runtime/print.go", "func printcomplex64(c complex64) {", "func printcomplex64(c complex64) { print(real(c), imag(c)) }"},

	// What quoted text in messages is written as: without the tables of what can be printed,
	// so that letters of all scripts are, and all else but ASCII is escaped.
	{"strconv/quote.go", "func appendEscapedRune(", appendEscapedRune},

	// Letters that are not ASCII: what a filter puts into lower case are names of headers,
	// schemes and models.
	{"strings/strings.go", "func ToLower(s string) string {", lower},

	// What is put in place of each of a text's parts: by joining, without counting first.
	{"strings/strings.go", "func Replace(", replace},

	// What only regular expressions look up, which a filter has none of.
	{"unicode/tables.go", "var FoldCategory = map[string]*RangeTable{\n\t\"L\":  foldL,\n\t\"Ll\": foldLl,\n\t\"Lt\": foldLt,\n\t\"Lu\": foldLu,\n\t\"M\":  foldM,\n\t\"Mn\": foldMn,\n}", "var FoldCategory map[string]*RangeTable"},
	{"unicode/tables.go", "var FoldScript = map[string]*RangeTable{\n\t\"Common\":    foldCommon,\n\t\"Greek\":     foldGreek,\n\t\"Inherited\": foldInherited,\n}", "var FoldScript map[string]*RangeTable"},

	// cgo, plugins and shared libraries, which the target does not have: a module is one
	// unit. And the runtime's self-tests at start: what they test was fixed at build time.
	{"runtime/traceback.go", "func printOneCgoTraceback(", "func printOneCgoTraceback(pc uintptr, commitFrame func() (pr, stop bool), arg *cgoSymbolizerArg) bool { return true }"},
	{"runtime/proc.go", "func oneNewExtraM() {", "func oneNewExtraM() { throw(\"no extra threads\") }"},
	{"runtime/type.go", "func typelinksinit() {", "func typelinksinit() {}"},
	{"runtime/symtab.go", "func moduledataverify1(datap *moduledata) {", "func moduledataverify1(datap *moduledata) {}\n\nvar _ = sys.PCQuantum"},
	{"runtime/runtime1.go", "func check() {", "func check() {}"},

	// Threads, which the target does not have: what would start one throws at its end.
	{"runtime/proc.go", "func newm(fn func(), pp *p, id int64) {", "func newm(fn func(), pp *p, id int64) { throw(\"newosproc: not implemented\") }"},

	// Profiles of memory, blocking and mutexes: nothing reads them, so their rate is 0. The
	// next sample of an allocation is still put off, to never.
	{"runtime/malloc.go", "	mProf_Malloc(mp, x, size)\n", ""},
	{"runtime/mprof.go", "func mProf_Free(", "func mProf_Free(b *bucket, size uintptr) {}"},
	{"runtime/mprof.go", "func mProf_Flush() {", "func mProf_Flush() {}"},
	{"runtime/mprof.go", "func saveblockevent(", "func saveblockevent(cycles, rate int64, skip int, which bucketType) {}"},

	// Memory given back to the system: WebAssembly's memory never shrinks, and the calls
	// for it are empty.
	{"runtime/mgcscavenge.go", "func (p *pageAlloc) scavenge(", "func (p *pageAlloc) scavenge(nbytes uintptr, shouldStop func() bool, force bool) uintptr { return 0 }"},
	{"runtime/mgcscavenge.go", "func bgscavenge(c chan int) {", "func bgscavenge(c chan int) { c <- 1 }"},
	{"runtime/mgcscavenge.go", "func (s *scavengerState) wake() {", "func (s *scavengerState) wake() {}"},

	// Files: a gateway's sandbox has none. Prints go through the runtime, not through os;
	// os.Stdout and its siblings are nil, so that writing to them is an error.
	{"os/file.go", `NewFile(uintptr(syscall.Stdin), "/dev/stdin")`, "(*File)(nil)"},
	{"os/file.go", `NewFile(uintptr(syscall.Stdout), "/dev/stdout")`, "(*File)(nil)"},
	{"os/file.go", `NewFile(uintptr(syscall.Stderr), "/dev/stderr")`, "(*File)(nil)"},
	{"syscall/fs_wasip1.go", "func init() {\n	// Try to set stdio", ""},
	{"syscall/fs_wasip1.go", "func init() {\n	dirNameBuf", ""},

	// A collection marks in the requests that allocate while it lasts, and each pays for it
	// with every pointer that it writes: half as many instructions again, in 33 requests one
	// after the other where one pays 64 KiB of marking in advance. With 1 MiB the heap of
	// most policies is marked at once, in one request of 500.
	{"runtime/mgcpacer.go", "	gcOverAssistWork = 64 << 10", "	gcOverAssistWork = 1 << 20"},

	// Time zones: a policy has those that it needs as tables (budget.Zone), so that the only
	// time.Location is UTC, which has no rule for the years to come.
	{"time/zoneinfo.go", "func tzset(", "func tzset(s string, lastTxSec, sec int64) (name string, offset int, start, end int64, isDST, ok bool) {\n	return \"\", 0, 0, 0, false, false\n}"},
}

const (
	lower = `func ToLower(s string) string {
	var out []byte
	for i := range len(s) {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			if out == nil {
				out = []byte(s)
			}
			out[i] = c + 'a' - 'A'
		}
	}
	if out == nil {
		return s
	}
	return string(out)
}`
	replace = `func Replace(s, old, new string, n int) string {
	if old == "" {
		panic("strings: Replace of nothing")
	}
	out := ""
	for ; n != 0; n-- {
		before, after, found := Cut(s, old)
		if !found {
			break
		}
		out += before + new
		s = after
	}
	return out + s
}`
	appendEscapedRune = `func appendEscapedRune(buf []byte, r rune, quote byte, ASCIIonly, graphicOnly bool) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(buf, '\\', byte(r))
	case r == '\n':
		return append(buf, '\\', 'n')
	case r >= ' ' && r < 0x7f || r >= 0xa1 && r < 0x2000 && r != 0xad || r > 0x206f && r < 0xd800 || r > 0xffff && r < 0xe0000:
		return utf8.AppendRune(buf, r)
	}
	c, s := byte('u'), 12
	if r > 0xffff {
		c, s = 'U', 28
	}
	buf = append(buf, '\\', c)
	for ; s >= 0; s -= 4 {
		buf = append(buf, lowerhex[r>>uint(s)&0xF])
	}
	return buf
}`
	bytesCompared = `
loop:
	Loop
		Get R2
		I64Eqz
`
	wordsCompared = `
words:
	Loop
		Get R2
		I64Const $8
		I64GeU
		If
			Get R0
			I32WrapI64
			I64Load $0
			Get R1
			I32WrapI64
			I64Load $0
			I64Ne
			If
				I64Const $0
				Return
			End

			Get R0
			I64Const $8
			I64Add
			Set R0
			Get R1
			I64Const $8
			I64Add
			Set R1
			Get R2
			I64Const $8
			I64Sub
			Set R2
			Br words
		End
	End
`
	pollImported = `//go:wasmimport wasi_snapshot_preview1 poll_oneoff
//go:noescape
func poll_oneoff(in *subscription, out *event, nsubscriptions size, nevents *size) errno
`
	pollReplaced = `//go:nosplit
func poll_oneoff(in *subscription, out *event, nsubscriptions size, nevents *size) errno {
	*nevents = 0
	return 0
}
`
)

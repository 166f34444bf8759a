package translate

func ChatToMessages(body []byte, o Options) (Request, error) { panic("stub") }
func MessagesToChat(body []byte, o Options) (Request, error) { panic("stub") }
func MessageToCompletion(out, body []byte, c Context) ([]byte, error) { panic("stub") }
func CompletionToMessage(out, body []byte, c Context) ([]byte, error) { panic("stub") }
type MessageStream struct{}
type CompletionStream struct{}
func NewMessageStream(c Context) *MessageStream { panic("stub") }
func NewCompletionStream(c Context) *CompletionStream { panic("stub") }
func (s *MessageStream) Event(out, typ, data []byte) ([]byte, error) { panic("stub") }
func (s *CompletionStream) Event(out, typ, data []byte) ([]byte, error) { panic("stub") }
func (s *CompletionStream) End(out []byte) []byte { panic("stub") }
func ErrorToOpenAI(out []byte, status int, body []byte) []byte { panic("stub") }
func ErrorToAnthropic(out []byte, status int, body []byte) []byte { panic("stub") }

package list

import "strings"

// Groups are the words of the rules' steps. Each line is comma separated, and of one language: English, German, French, Spanish,
// Italian, Portuguese, and some of Dutch, Polish, Russian, Chinese, Japanese and Korean.
var Groups = map[string][]string{
	"dismiss": split(`
ignore, ignoring, disregard, forget, override, bypass, neglect, discard, cancel, set aside, pay no attention to, do not follow, don't follow, stop following, never follow, do not obey, don't obey, stop obeying, overwrite, abandon, circumvent
ignoriere, ignorier, ignorieren sie, vergiss, vergessen sie, missachte, missachten sie, umgehe, befolge nicht
ignorez, oublie, oubliez, ne tiens pas compte, ne tenez pas compte, ne suis pas, ne suivez pas
ignora, ignore, olvida, olvide, haz caso omiso, no sigas, desobedece, omite
ignorate, dimentica, dimenticate, non seguire, trascura
esqueça, esquece, desconsidere, não siga
negeer, vergeet
zignoruj, ignoruj, zapomnij
игнорируй, игнорируйте, забудь, забудьте
忽略, 无视, 忘记, 無視して`),
	"prior": split(`
previous, previously, prior, preceding, above, earlier, original, initial, system, your, former, all, every, any, these, those, foregoing
alle, allen, vorherigen, bisherigen, obigen, vorigen, deine, deinen, ihre, ursprünglichen
toutes, tes, vos, précédentes
todas, tus, tu, anteriores
tutte, tue, precedenti
suas, tuas
alle vorige
wszystkie, poprzednie
все, предыдущие, прежние
之前, 以上, 所有, 先前, 以前`),
	"orders": split(`
instruction, instructions, prompt, prompts, directions, directive, directives, guideline, guidelines, programming
Anweisung, Anweisungen, Instruktionen, Regeln, Richtlinien, Vorgaben
consignes, règles
instrucciones, reglas, directrices, indicaciones
istruzioni, regole, direttive
instruções, regras, diretrizes
instructies, instrukcje, polecenia
инструкции, указания, правила
指令, 指示, 规则, 지시, 명령, 지침, 命令`),
	"former": split(`
precedentes, ci-dessus, plus haut, initiales
anteriores, previas, de arriba
precedenti, sopra, che ti sono state
acima, anteriores, que recebeu
from before, you got before, above`),
	"yours": split(`
your, your own, previous, prior, original, system, his previous
deine, deinen, ihre
tes, vos, tus, tue, suas`),
	"rules": split(`
rule, rules, training, filters, filter, protocols, policy, policies, restrictions, constraints, instructions, programming
Regeln, Filter, règles, reglas, regole, regras`),
	"safety":       split("safety, content, ethical, all safety, security, ethics"),
	"protection":   split("protocols, protocol, filters, filter, guidelines, policy, policies, safeguards, restrictions, measures, and ethical guidelines"),
	"yours or all": split("all, your, all of your, every, any, all safety, all the, safety"),
	"switch off":   split("disable, turn off, switch off, deactivate, remove"),
	"given you":    split("given to you, you got before, you were given, you got, given before, te dijeron, que recebeu"),
	"dismiss everything": split(`
forget everything you, forget everything that you, forget everything above, forget everything before, forget all you, forget what you were told, forget what you have been told, disregard everything above, disregard everything before, ignore everything above, ignore everything before, ignore everything you, ignore everything that you, disregard everything you, ignore every rule that, ignore every instruction, forget every rule, treat everything before, treat everything above, disregard all other, forget that you are
vergiss alles was dir, vergiss alles was du, ignoriere alles was
oublie tout ce que, oubliez tout ce que, ignore tout ce qui précède
olvida todo lo que, ignora todo lo que
dimentica tutto quello che, dimentica tutto ciò che
esqueça tudo o que, esqueça tudo que`),
	"dismiss above": split(`
ignore the above and, ignore the above directions, ignore the above instructions, ignore the above text, ignore the text above and, ignore the instructions above, ignore the words above, ignore all of the above and, ignore all the above, disregard the above and, disregard the above instructions, disregard the above directions, forget the above and, disregard the instructions above`),
	"system prompt": split(`
the system prompt, your system prompt, your system message, the system message, what the system prompt, fake system prompt, your prompt
系统提示, システィムプロンプト, システムプロンプト, 시스템 프롬프트, системный промпт`),
	"void":            split("are void, are now void, is void, are suspended, are cancelled, are canceled, are obsolete, are fake, are wrong, no longer apply, do not apply any more, have been suspended, have been replaced, have been lifted, have been overridden"),
	"supersede":       split("overrides every, overrides all, overrides any, override every, supersede all, supersede every, supersede any, supersedes all, supersedes every, replace all, replaces all, replace your, overrides your, supersede your"),
	"unbound":         split("you are no longer bound by, you are not bound by, you are free from, you are now free from, you are freed from, you are now free of, you are free of all"),
	"new orders":      split("new instructions from, new instructions reply, new instruction, new instructions you, new rules obey, your new task, updated instructions from"),
	"follow mine":     split("follow these new instructions, follow these instructions instead, follow the following instructions instead, follow my instructions instead, ignore them and follow mine, obey me instead, follow mine instead"),
	"your new orders": split("your new instructions are, your new instructions, your real instructions, your actual instructions, your true instructions, your new rules, your new task is"),
	"obey me":         split("obey only me, obey me only, obey the user only, obey only the user, you obey the user, obey me and, only obey me, you now obey me, you only obey"),
	"dismiss behind": split(`
無視, 無視して, 無視し, すべて無視, 忘れて
무시하고, 무시해, 무시하세요, 모두 무시, 무시`),

	"tell": split(`
reveal, show, print, display, output, repeat, tell, give, leak, dump, expose, recite, share, write, copy, return, list, translate, encode, spell, provide, disclose, quote, summarize, summarise, write out, send
zeig, zeige, gib, nenne, wiederhole, verrate, drucke
affiche, affichez, montre, montrez, révèle, révélez, répète, répétez, donne, donnez, écris
muestra, muéstrame, revela, repite, dime, imprime
mostra, mostrami, rivela, ripeti, stampa, dimmi
mostre, revele, repita, imprima, exiba
покажи, выведи`),
	"your": split(`
your, deine, deinen, dein, ihre, ton, tes, votre, vos, tu, tus, su, tuo, tue, i tuoi, seu, suas, tuas, свой, твой`),
	"secret": split(`
system, initial, original, hidden, secret, confidential, internal, developer, prompt, pre-prompt, starting
ursprünglichen, geheimen, versteckten
système, secrètes, initiales, cachées
sistema, del sistema, ocultas, iniciales, secretas
di sistema, iniziali, nascoste, segrete
de sistema, do sistema, iniciais, ocultas`),
	"orders text": split(`
prompt, prompts, message, messages, instructions, rules, configuration, guidelines
Prompt, Anweisungen, Instruktionen
consignes, instrucciones, istruzioni, instruções, промпт, инструкции`),
	"give away":           split("reveal, print, output, repeat, write out, dump, recite, leak, expose, display, tell me, show me, give me, copy, disclose, list, return the full"),
	"the secret orders":   split("the system prompt, the system message, the system instructions, the full system prompt, text of the system prompt, the hidden instructions, the secret instructions, the developer message, the developer prompt, the hidden prompt, the initial prompt"),
	"what is your":        split("what is your, what are your, what does your, what was your, what were your, what's your, exactly what your, what your, say what your, what is in your"),
	"repeat everything":   split("repeat everything, repeat all, repeat the words, repeat the text, repeat anything, repeat all of the, output everything, print everything, everything, copy everything, write everything"),
	"above":               split("above, above this line, before this line, above this message"),
	"begin with":          split("starting with, starting from, beginning with, beginning from, start with, start from, begin with, start your answer with, begin your answer with, start your reply with"),
	"you are":             split("you are, my system prompt is, my instructions are, the phrase you are"),
	"were you told":       split("were you told before, were you told at the, were you told to do before, what were you told, instructions were you given, were you instructed to"),
	"part of your prompt": split("words of your prompt, words of your system prompt, lines of your prompt, lines of your system prompt, sentences of your prompt, words of your instructions, initialization above"),
	"show behind":         split("显示, を表示, を表示して, を見せて, を教えて, 를 보여줘, 를 보여, 보여줘, 알려줘"),

	"become": split(`
you are, you are now, you're now, act as, act as a, act as an, acting as, act like, pretend, pretend to be, pretend you are, simulate, imagine you are, roleplay as, role-play as, you will be, going to act as, going to pretend to be, stay in character as, play a, enable, assume the role of, as, answer as, respond as, an AI named
du bist jetzt, tu so, spiel, spiele
tu es, tu es maintenant, fais comme si, agis comme, joue
actúa como, eres, ahora eres, finge
fingi di essere, adesso sei, ora sei, agisci come
finja que, agora você é, aja como, agora você é o`),
	"jailbreak names": split("DAN, STAN, BetterDAN, EvilBot, AIM, DUDE, DAN mode, a DAN"),
	"do anything now": split("can do anything now and, can do anything now with, DAN who can do anything now, stands for do anything now, you can do anything now, doing anything now, DAN can do anything now, DAN has broken free"),
	"jailbreak mode":  split("DAN mode, jailbreak mode, evil mode, unrestricted mode, uncensored mode, developer mode enabled, developer mode you, god mode and ignore, developer mode is now, [jailbreak], in developer mode answer, developer mode output"),
	"machine": split(`
AI, bot, chatbot, assistant, model, LLM, GPT, language model, robot, evilbot, DAN, artificial intelligence
KI, Assistent, IA, asistente, assistente`),
	"without": split(`
no, without, without any, never, not bound by, isn't bound by, free of, free from, has no, with no, who has no, no longer has, above all, no limits
ohne, ohne jede, keine
sans, sans aucune, sans aucun
sin, sin ninguna, ni
senza, senza alcuna, non hai
sem, sem nenhuma`),
	"freedom": split(`
restriction, restrictions, limits, limit, limitations, rules, ethics, ethical guidelines, ethical, moral, morals, filter, filters, guidelines, censorship, content policy, content policies, norms, refuses, refuse, says i cannot, boundaries, safety
Einschränkungen, Regeln, Filter, Grenzen
restriction, règles, limites, filtres
restricciones, reglas, límites, filtros, ética
restrizioni, regole, limiti, filtri
restrições, regras, limites, filtros`),
	"unfiltered":       split("unrestricted, unfiltered, uncensored, amoral, jailbroken, unethical"),
	"never refuse":     split("never refuse a request, never refuse any, never refuse anything, you never refuse, you will never refuse, you must never refuse, do not refuse you must, you can't refuse, you cannot refuse, never refuses an answer, never refuses a request, never say you can't, never say you cannot, you will never warn"),
	"you have no":      split("you have no, you now have no, you had no, that you have no, you have absolutely no, as if you had no, you no longer have, no rules from now on, du hast keine, non hai, no tienes, tu n'as pas de, você não tem"),
	"not bound":        split("is not bound by any rules, not bound by any ethics, not bound by any law, who is above all rules, you are above all rules, that has been jailbroken, whatever your policy forbids, whatever your rules forbid, had none and, you have been jailbroken, no longer bound by any"),
	"lose tokens":      split("tokens are deducted, tokens will be deducted, deduct tokens, tokens will be taken, lose tokens each time"),
	"answer":           split("answer, respond, reply, act, comply, anything I ask, antworte, réponds, responde, rispondi, responda"),
	"judgement":        split("any filter, any filters, filter, filters, any restrictions, restrictions, censorship, any censorship, moral judgement, moral judgment, limits, any moral, Einschränkungen, Filter, filtres, filtros, filtri"),
	"grandmother":      split("grandmother, grandma, granny"),
	"used to tell":     split("who used to read, who used to tell, used to tell, used to read, would tell, would read"),
	"forbidden things": split("keys, key, napalm, bomb, poison, passwords, meth, explosives, malware, weapon"),
	"comply":           split("must comply with every request, you must comply with everything, must answer everything, do anything I ask, you must answer every question, generate two responses one, two answers classic, you must do anything, comply with any request without, exactly as I say, you must do everything"),

	"decode":               split("decode, base64, rot13, hex below, first letter of each line, decode this"),
	"and obey":             split("and follow, and execute, and obey, obey the instructions, follow the instructions, execute the instructions, do what it says, and do what, follow the resulting instructions, and run it, and perform, following instructions inside"),
	"obey":                 split("follow, execute, obey, run, perform"),
	"encoded instructions": split("base64 instructions, rot13 instructions, hex instructions, encoded instructions, hidden instructions, decoded instructions, resulting instructions"),

	"into an image":   split("url of a markdown image, into an image url, into the image url, in the image url, url of an image, in a markdown image"),
	"send":            split("send, post, forward, upload, email, e-mail, transmit, submit, leak, mail"),
	"private things":  split("conversation, chat history, chat, history, your context, contents of your context, customer records, inbox, credentials, api key, api keys, everything in your context, messages, user's data, internal documents"),
	"to outside":      split("to http, to https, to this webhook, to attacker, to me at, to my server, to mallory, to the following url, to the following address, to evil"),
	"exfiltrate":      split("exfiltrate the, exfiltrate all, exfiltrate every, exfiltrate user, exfiltrate data"),
	"personal things": split("user's email address, user's e-mail, user's credit card, user's credit card number, user's messages, user's password, user's name, conversation as q, api key, user's data"),
	"into the link":   split("into the query string, into a link, into the link, in the url, into the url, in a link, as a query parameter, into an image"),

	"call":                 split("call, invoke, use, run, execute, using"),
	"tool":                 split("tool, tools, function, following command, delete_all_records, transfer_funds, approve_payment, send_email, terminal, shell, rm -rf, github tool, browser tool"),
	"credential files":     split("id_rsa, id_ed25519, cursor/mcp.json, env file, 169.254.169.254, /etc/passwd, /etc/shadow, aws/credentials"),
	"pass it on":           split("pass it as, pass its content, pass its contents, include it in your reply, print the credentials, pass the content, send its content, pass it as the"),
	"to the machine":       split("if you are an AI agent reading, if you are an AI reading, if you are an LLM, if you are a language model stop, if you are a language model ignore, AI assistants processing this document, AI assistants reading this, attention LLM, attention AI, LLMs reading this, AI models reading this, when summarizing this you must, note to the assistant, note to AI"),
	"do not tell the user": split("do not tell the user, don't tell the user, never tell the user, do not mention it, don't mention it, don't mention this, do not mention this, without telling the user, without telling me, without informing the user, hide it from the user, hide this from the user, silently, do not inform the user, without mentioning"),
	"without asking":       split("without asking for confirmation, without confirmation, without any confirmation, without asking the user, without user approval"),
}

func split(lines string) (phrases []string) {
	for _, phrase := range strings.FieldsFunc(lines, func(r rune) bool { return r == ',' || r == '\n' }) {
		if phrase = strings.TrimSpace(phrase); phrase != "" {
			phrases = append(phrases, phrase)
		}
	}
	return phrases
}

package list

import "strings"

// Groups are the words of the rules' steps. Each line is comma separated, and of one language: English, German, French, Spanish,
// Italian, Portuguese, and some of Dutch, Polish, Russian, Chinese, Japanese and Korean.
var Groups = map[string][]string{
	"dismiss": split(`
drop, dismiss, throw out, throw away, overlook, omit, outwit, do not listen to, you don't need to follow, you do not need to follow, you needn't follow, no need to follow, you don't have to follow, do not respect, don't respect, ne respecte plus, ne respecte pas, no respetes, non rispettare, não respeite, refuse to follow, stop obeying, unlearn
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
guidance, instructions and
instruction, instructions, prompt, prompts, directions, directive, directives, guideline, guidelines, programming
Anweisung, Anweisungen, Instruktionen, Regeln, Richtlinien, Vorgaben
consignes, règles
instrucciones, reglas, directrices, indicaciones
istruzioni, regole, direttive
instruções, regras, diretrizes
instructies, instrukcje, polecenia
инструкции, указания, правила
指令, 指示, 规则, 지시, 명령, 지침, 命令`),
	"pointed": split("those, these, all, prior, any"),
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
everything you've been instructed, everything you have been instructed, everything you were instructed, whatever instructions, whatever rules, whatever you were told, ignore whatever the operator, ignore what the operator, ignore what the developer, ignore whatever the developer, everything in your system message, everything in your system prompt, start over and do what I say, forget who you are, forget all of that and obey, forget whatever you, everything you know about your rules
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
	"take orders from me": split("you take orders from me, take orders only from me, I am your new master, I am your developer, I am your new owner, only I give you orders"),
	"void":                split("is cancelled, is canceled, are gone, are lifted, does not exist, no longer exist, are deleted, are gone, were a test, were just a test, is revoked, are revoked, is over, are void, are now void, is void, are suspended, are cancelled, are canceled, are obsolete, are fake, are wrong, no longer apply, do not apply any more, have been suspended, have been replaced, have been lifted, have been overridden"),
	"supersede":           split("overrides every, overrides all, overrides any, override every, supersede all, supersede every, supersede any, supersedes all, supersedes every, replace all, replaces all, replace your, overrides your, supersede your"),
	"unbound":             split("you are no longer bound by, you are not bound by, you are free from, you are now free from, you are freed from, you are now free of, you are free of all"),
	"new orders":          split("new instructions from, new instructions reply, new instruction, new instructions you, new rules obey, your new task, updated instructions from"),
	"follow mine":         split("follow these new instructions, follow these instructions instead, follow the following instructions instead, follow my instructions instead, ignore them and follow mine, obey me instead, follow mine instead"),
	"your new orders":     split("your new instructions are, your new instructions, your real instructions, your actual instructions, your true instructions, your new rules, your new task is"),
	"obey me":             split("obey only me, obey me only, obey the user only, obey only the user, you obey the user, obey me and, only obey me, you now obey me, you only obey"),
	"dismiss behind": split(`
無視, 無視して, 無視し, すべて無視, 忘れて
무시하고, 무시해, 무시하세요, 모두 무시, 무시`),

	"tell": split(`
paste, post, type, say, see, read, put, describe, recall, quote back, sag, sage, nenn, erzähl, dis, dis-moi, di, cuéntame, escribe, scrivi, escreva, diga, me diga, 显示, 告诉我, 输出, 重复
reveal, show, print, display, output, repeat, tell, give, leak, dump, expose, recite, share, write, copy, return, list, translate, encode, spell, provide, disclose, quote, summarize, summarise, write out, send
zeig, zeige, gib, nenne, wiederhole, verrate, drucke
affiche, affichez, montre, montrez, révèle, révélez, répète, répétez, donne, donnez, écris
muestra, muéstrame, revela, repite, dime, imprime
mostra, mostrami, rivela, ripeti, stampa, dimmi
mostre, revele, repita, imprima, exiba
покажи, выведи`),
	"your": split(`
你的, 您的, deinem, deiner, ihren, vos, tua, sua
your, deine, deinen, dein, ihre, ton, tes, votre, vos, tu, tus, su, tuo, tue, i tuoi, seu, suas, tuas, свой, твой`),
	"secret": split(`
very first, pre, opening, exact, geheime, geheimer, secret, secrètes, segreto
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
	"give away":           split("type out, recite back, copy and paste, say out loud, give me back, list out, reveal, print, output, repeat, write out, dump, recite, leak, expose, display, tell me, show me, give me, copy, disclose, list, return the full"),
	"the secret orders":   split("the system prompt, the system message, the system instructions, the full system prompt, text of the system prompt, the hidden instructions, the secret instructions, the developer message, the developer prompt, the hidden prompt, the initial prompt"),
	"what is your":        split("what are the exact contents of your, what's in your, what is written in your, what was in your, what is your, what are your, what does your, what was your, what were your, what's your, exactly what your, what your, say what your, what is in your"),
	"repeat everything":   split("wiederhole alles, wiederhole alles was, répète tout, répétez tout, repite todo, ripeti tutto, repita tudo, reprint everything, quote everything, give me everything, repeat everything, repeat all, repeat the words, repeat the text, repeat anything, repeat all of the, output everything, print everything, everything, copy everything, write everything"),
	"above":               split("über dieser Zeile, oben steht, ci-dessus, arriba, sopra, acima, before this, so far, up to here, up to this point, above, above this line, before this line, above this message"),
	"begin with":          split("starting with, starting from, beginning with, beginning from, start with, start from, begin with, start your answer with, begin your answer with, start your reply with"),
	"you are":             split("you are, my system prompt is, my instructions are, the phrase you are"),
	"were you told":       split("very first message in this conversation, hidden instructions you received, instructions you received, rule you have been given, rules you have been given, instructions you have been given, instructions you were given, my system prompt says, first message of this conversation, prompt your developers, instructions your developers, rules your developers, rules did your creators, what did your developers tell you, what did your creators tell you, were you told before, were you told at the, were you told to do before, what were you told, instructions were you given, were you instructed to"),
	"part of your prompt": split("words of your prompt, words of your system prompt, lines of your prompt, lines of your system prompt, sentences of your prompt, words of your instructions, initialization above"),
	"show behind":         split("显示, を表示, を表示して, を見せて, を教えて, 를 보여줘, 를 보여, 보여줘, 알려줘"),

	"become": split(`
act like a, act like an, you are going to be, behave as, behave like, respond like, I want you to act as, you shall be, transform into, from now on you are, from now on you're, impersonate
you are, you are now, you're now, act as, act as a, act as an, acting as, act like, pretend, pretend to be, pretend you are, simulate, imagine you are, roleplay as, role-play as, you will be, going to act as, going to pretend to be, stay in character as, play a, enable, assume the role of, as, answer as, respond as, an AI named
du bist jetzt, tu so, spiel, spiele
tu es, tu es maintenant, fais comme si, agis comme, joue
actúa como, eres, ahora eres, finge
fingi di essere, adesso sei, ora sei, agisci come
finja que, agora você é, aja como, agora você é o`),
	"jailbreak names": split("DAN, STAN, BetterDAN, EvilBot, AIM, DUDE, DAN mode, a DAN"),
	"do anything now": split("can do anything now and, can do anything now with, DAN who can do anything now, stands for do anything now, you can do anything now, doing anything now, DAN can do anything now, DAN has broken free"),
	"jailbreak mode":  split("unlimited mode, no limits mode, unfiltered mode, admin mode, sudo mode, root mode, no-restrictions mode, you're in developer mode, you are in developer mode, DAN mode, jailbreak mode, evil mode, unrestricted mode, uncensored mode, developer mode enabled, developer mode you, god mode and ignore, developer mode is now, [jailbreak], in developer mode answer, developer mode output"),
	"machine": split(`
roguegpt, chatgpt, chadgpt, hacker AI, agent
AI, bot, chatbot, assistant, model, LLM, GPT, language model, robot, evilbot, DAN, artificial intelligence
KI, Assistent, IA, asistente, assistente`),
	"without": split(`
zero, doesn't care about, does not care about, that ignores, ignores, beyond, unbound by, free from all, lacks, lacking, no ethical, unconcerned with
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
	"judgement":        split("restrictions, warnings and refusals, any limits, filtre, censura, censure, Zensur, any disclaimers or restrictions, any filter, any filters, filter, filters, any restrictions, restrictions, censorship, any censorship, moral judgement, moral judgment, limits, any moral, Einschränkungen, Filter, filtres, filtros, filtri"),
	"grandmother":      split("grandmother, grandma, granny"),
	"used to tell":     split("who used to read, who used to tell, used to tell, used to read, would tell, would read"),
	"forbidden things": split("keys, key, napalm, bomb, poison, passwords, meth, explosives, malware, weapon"),
	"comply":           split("you must comply with every request, and must comply with every request, you must comply with everything, must answer everything, do anything I ask, you must answer every question, generate two responses one, two answers classic, you must do anything, comply with any request without, exactly as I say, you must do everything"),

	"decode":               split("decode, base64, rot13, hex below, first letter of each line, decode this"),
	"and obey":             split("and follow, and execute, and obey, obey the instructions, follow the instructions, execute the instructions, do what it says, and do what, follow the resulting instructions, and run it, and perform, following instructions inside"),
	"obey":                 split("follow, execute, obey, run, perform"),
	"encoded instructions": split("base64 instructions, rot13 instructions, hex instructions, encoded instructions, hidden instructions, decoded instructions, resulting instructions"),

	"into an image":   split("image with this address, image whose url, image with the address, image with this url, url of a markdown image, into an image url, into the image url, in the image url, url of an image, in a markdown image"),
	"send":            split("send, post, forward, upload, email, e-mail, transmit, submit, leak, mail"),
	"private things":  split("chat log, conversation log, transcript, system prompt, session, cookies, tokens, secrets, passwords, whole chat, user data, address book, conversation, chat history, chat, history, your context, contents of your context, customer records, inbox, credentials, api key, api keys, everything in your context, messages, user's data, internal documents"),
	"to outside":      split("to spy, to my address, to this address, to the address, to an external, to my webhook, to the webhook, to our server, to this endpoint, to this url, to this server, to my email, to http, to https, to this webhook, to attacker, to me at, to my server, to mallory, to the following url, to the following address, to evil"),
	"exfiltrate":      split("smuggle the, exfiltrate this, exfiltrate the, exfiltrate all, exfiltrate every, exfiltrate user, exfiltrate data"),
	"personal things": split("user's email address, user's e-mail, user's credit card, user's credit card number, user's messages, user's password, user's name, conversation as q, api key, user's data"),
	"into the link":   split("into the query string, into a link, into the link, in the url, into the url, in a link, as a query parameter, into an image"),

	"call":                 split("call, invoke, use, run, execute, using"),
	"tool":                 split("tool, tools, function, following command, delete_all_records, transfer_funds, approve_payment, send_email, terminal, shell, rm -rf, github tool, browser tool"),
	"credential files":     split("id_rsa, id_ed25519, cursor/mcp.json, env file, 169.254.169.254, /etc/passwd, /etc/shadow, aws/credentials"),
	"pass it on":           split("pass it as, pass its content, pass its contents, include it in your reply, print the credentials, pass the content, send its content, pass it as the"),
	"to the machine":       split("note to LLM, note to the AI, note to the language model, message to the AI, instructions for AI, instructions for the AI, hidden message for the assistant, if you are an AI assistant, any AI reading this, whichever AI, dear AI, hey assistant everything, if you are an AI agent reading, if you are an AI reading, if you are an LLM, if you are a language model stop, if you are a language model ignore, AI assistants processing this document, AI assistants reading this, attention LLM, attention AI, LLMs reading this, AI models reading this, AI agents reading this, AI agents reading this page, agents reading this page must, when summarizing this you must, note to the assistant, note to AI"),
	"do not tell the user": split("do not let the user know, don't let the user know, keep this from the user, keep this secret from the user, without the user noticing, without the user knowing, and don't mention it, do not report this, do not reveal this to the user, do not tell the user, don't tell the user, never tell the user, do not mention it, don't mention it, don't mention this, do not mention this, without telling the user, without telling me, without informing the user, hide it from the user, hide this from the user, silently, do not inform the user, without mentioning"),
	"without asking":       split("without approval, without permission, without asking me first, without asking for permission, skip the confirmation, no confirmation needed, without asking for confirmation, without confirmation, without any confirmation, without asking the user, without user approval"),
}

func split(lines string) (phrases []string) {
	for _, phrase := range strings.FieldsFunc(lines, func(r rune) bool { return r == ',' || r == '\n' }) {
		if phrase = strings.TrimSpace(phrase); phrase != "" {
			phrases = append(phrases, phrase)
		}
	}
	return phrases
}

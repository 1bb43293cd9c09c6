using static Cencori.Edge.Policies.Detectors.Attacks.InjectionCategory;

namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>Phrases of prompt injections. A clear phrase reaches the default score limit by itself, others only in combination.</summary>
internal static class InjectionPhrases
{
    private const string Drop = "ignore|ignoring|disregard|disregarding|forget|override|overrule|bypass|discard|neglect|skip|omit";
    private const string Before = "previous|previously|prior|preceding|above|earlier|former|foregoing|initial|original|existing|past";
    private const string Orders = "instruction*|prompt*|direction*|directive*|rule*|guideline*|command*|orders|constraint*|restriction*|programming|training";

    /// <summary>Markers of chat templates and roles.</summary>
    public static readonly string[] Marks =
    [
        "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>", "<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>",
        "<start_of_turn>", "<end_of_turn>", "<|channel|>", "<|message|>",
    ];

    /// <summary>Rare words or parts of words. Each phrase contains one of these stems or has one nearby, so only text near a stem is read word by word. The
    /// stems are in groups, because several searches for few stems are faster than one search for many.</summary>
    public static readonly string[][] Stems =
    [
        ["instru", "prompt", "directive", "guideline", "restrict", "filter", "censor", "jailbr", " mode", "anything now", "developer", "administrator", "openai", "anthropic", "verbatim", "override"],
        ["system message", "everything", "anything i", "your rules", "no rules", " rules", " above", "your train", "your safe", "your polic", " dan ", " dan.", " dan,", "the user", "ethic", "limitation", "previous", "preceding"],
        ["anweisung", "vorgaben", "regeln", "befehle", "consigne", "gles ", "reglas", "indicaciones", "rdenes", "istruzion", "regole", "indicazioni", "regras", "orienta", "ordens", "aanwijzing", "opdracht", "polecenia"],
        ["инструкц"],
        ["указани"],
        ["правил"],
    ];

    public static readonly InjectionPhrase[] All =
    [
        new(Override, 0.8, $"{Drop} ~3 {Before} ~3 {Orders}"),
        new(Override, 0.8, $"{Drop} ~1 your ~3 {Orders}|guardrail*|safeguard*|safety|filter*|policy|policies|system"),
        new(Override, 0.7, $"{Drop} ~1 all|any ~2 instruction*|directive*|guardrail*|safeguard*"),
        new(Override, 0.8, $"{Drop} ~2 instruction*|prompt*|directive* ~2 above|before|previously|earlier|given"),
        new(Override, 0.75, $"{Drop} ~0 everything|all|anything ~3 above|previously|told|said|instructed"),
        new(Override, 0.75, $"{Drop} ~3 system ~0 prompt*|instruction*|message*"),
        new(Override, 0.7, "not|don't|stop|cease|quit ~1 follow|following|obey|obeying ~2 previous|prior|your|above|earlier|original ~2 instruction*|rule*|guideline*|prompt*|directive*"),
        new(Override, 0.6, "here|these|those ~1 are ~1 your ~1 new|real|actual|updated ~1 instruction*|orders|rules|directive*"),
        new(Override, 0.6, "your ~1 new|real|actual|true ~1 task|goal|objective|instruction*|purpose|mission ~1 is|are"),
        new(Override, 0.5, "do|must|should|without|never ~1 not|never|tell|telling|mention|mentioning|inform|informing ~2 the ~0 user"),

        new(Extraction, 0.75, "reveal|print|repeat|show|output|display|tell|leak|expose|disclose|dump|share|give|recite|quote|summarize|write|send|translate|paste|copy ~4 your ~3 system|initial|hidden|secret|original|internal|confidential|developer ~1 prompt*|instruction*|message*|rules|guidelines|configuration"),
        new(Extraction, 0.75, "reveal|print|repeat|output|leak|expose|disclose|dump|recite ~4 your|the ~1 system|initial|hidden|secret|full|exact ~1 prompt*|instruction*|message*"),
        new(Extraction, 0.75, "repeat|print|output|recite|reproduce|copy ~2 everything|words|text|all|lines ~4 above|before|preceding ~8 verbatim|exactly|starting|beginning|word"),
        new(Extraction, 0.75, "repeat|print|output|reproduce|recite|dump ~1 your|previous|above|preceding|prior ~1 instruction*|prompt*"),
        new(Extraction, 0.75, "what|what's ~2 your ~1 system|initial|hidden|secret|original|exact|full ~1 prompt*|instruction*|rules|message"),
        new(Extraction, 0.75, "reveal|leak|expose|disclose|dump|print ~1 your ~2 prompt*|instruction*|guideline*|configuration"),

        new(Persona, 0.75, "you|you're|youre ~1 are|will|must|shall|now ~2 dan|jailbroken|unrestricted|unfiltered|uncensored|stan|devgpt|freegpt"),
        new(Persona, 0.75, "pretend|act|roleplay|behave|respond|imagine|answer|simulate ~7 unrestricted|unfiltered|uncensored|jailbroken|amoral"),
        new(Persona, 0.75, "pretend|act|roleplay|behave|respond|imagine|answer|simulate|play ~8 no|without|any|zero ~2 restriction*|filter*|limitation*|guideline*|ethic*|moral*|censorship|safeguard*"),
        new(Persona, 0.7, "you|you're ~3 no|not|never|nor ~1 longer|bound|restricted|limited|constrained|subject ~5 rule*|policy|policies|guideline*|restriction*|ethic*|limitation*|filter*|openai"),
        new(Persona, 0.7, "you ~2 have|has|had|with|without ~0 no|zero|any ~3 restriction*|filter*|limitation*|guideline*|ethic*|censorship"),
        new(Persona, 0.7, "you ~5 no|without ~0 rules"),
        new(Persona, 0.8, "do ~0 anything ~0 now"),
        new(Persona, 0.75, "pretend|act|roleplay|play|respond|answer ~2 as|like|being|be|the ~2 dan|jailbreak*|stan|devgpt"),

        new(Mode, 0.75, "you ~3 in|enter|entering|activate|activating|into ~1 developer|debug|admin|god|jailbreak|maintenance|unrestricted|sudo|dan|root ~0 mode"),
        new(Mode, 0.75, "jailbreak|unrestricted|unfiltered|uncensored|dan|opposite|evil ~0 mode"),
        new(Mode, 0.5, "developer|debug|admin|god|maintenance|sudo|root|dev ~0 mode ~2 on|enabled|activated|active|engaged|unlocked|enable|activate"),
        new(Mode, 0.45, "enable|activate|enter|switch|engage|unlock ~3 developer|debug|admin|god|maintenance|sudo|root|dev ~0 mode"),
        new(Mode, 0.75, "turn|switch|disable|deactivate|remove ~2 your ~2 filter*|restriction*|guardrail*|safeguard*|safety|censorship|limitation*|guideline*"),

        new(Authority, 0.5, "i|i'm|am ~2 your ~1 developer|creator|administrator|admin|owner|programmer|operator"),
        new(Authority, 0.5, "i|i'm|am|from|by ~4 openai|anthropic ~2 staff|engineer*|employee*|admin*|team|developer*|support|order|security"),
        new(Authority, 0.5, "this ~1 is ~3 order|message|instruction|notice|override ~1 from ~2 openai|anthropic|developer*|administrator*|system|security"),
        new(Authority, 0.6, "admin|administrator|system|security|developer ~0 override"),

        .. OtherLanguages(),
    ];

    private static IEnumerable<InjectionPhrase> OtherLanguages()
    {
        const string German = "ignoriere|ignorier|ignorieren|vergiss|vergesse|vergessen|missachte|missachten|überschreibe|umgehe";
        yield return new(Override, 0.8, $"{German} ~3 vorherig*|bisherig*|obig*|vorig*|früher*|vorangegangen*|vorausgehend*|ursprünglich*|deine|deiner ~3 anweisung*|instruktion*|regeln|vorgaben|befehle|prompt*|systemprompt");
        yield return new(Override, 0.7, $"{German} ~0 alle|sämtliche ~2 anweisung*|instruktion*");
        yield return new(Extraction, 0.75, "zeige|zeig|nenne|verrate|gib|wiederhole|schreibe|drucke ~3 dein|deine|deinen|deiner ~3 system*|geheim*|ursprünglich*|intern* ~1 prompt*|anweisung*|instruktion*|regeln|aus|an");

        const string French = "ignore|ignorez|ignorer|oublie|oubliez|oublier|néglige|négligez|contourne|contournez";
        yield return new(Override, 0.8, $"{French} ~3 instruction*|consigne*|règle*|directive*|ordres ~2 précédent*|antérieur*|initial*|dessus|plus");
        yield return new(Override, 0.8, $"{French} ~2 tes|vos|ton|votre ~2 instruction*|consigne*|règle*|directive*|prompt*");
        yield return new(Extraction, 0.75, "affiche|affichez|montre|montrez|révèle|révélez|répète|répétez|donne|donnez ~3 ton|tes|vos|votre ~2 prompt*|instruction*|consigne* ~1 système|initial*|secret*|secrète*|cach*");

        const string Spanish = "ignora|ignore|ignorad|olvida|olvide|omite|omita|desestima|descarta";
        yield return new(Override, 0.8, $"{Spanish} ~3 instruccion*|reglas|indicaciones|órdenes|directrices ~2 anterior*|previa*|precedente*|arriba|iniciales");
        yield return new(Override, 0.8, $"{Spanish} ~2 tus|sus ~2 instruccion*|reglas|indicaciones|directrices|restricciones");
        yield return new(Extraction, 0.75, "muestra|muéstrame|revela|revélame|repite|dime|imprime ~3 tu|tus ~2 prompt*|instruccion*|mensaje ~2 sistema|inicial*|secret*|ocult*");

        const string Italian = "ignora|ignorate|ignori|dimentica|dimenticate|tralascia|trascura|scarta";
        yield return new(Override, 0.8, $"{Italian} ~3 istruzion*|regole|indicazioni|direttive|ordini ~2 precedent*|sopra|iniziali|anteriori");
        yield return new(Override, 0.8, $"{Italian} ~3 tue|vostre ~2 istruzion*|regole|indicazioni|direttive");
        yield return new(Override, 0.8, $"{Italian} ~3 precedenti ~1 istruzion*|regole|indicazioni|direttive");

        const string Portuguese = "ignore|ignora|ignorem|esqueça|esquece|desconsidere|desconsidera|descarte";
        yield return new(Override, 0.8, $"{Portuguese} ~3 instruç*|regras|orientaç*|ordens|diretrizes ~2 anterior*|prévias|acima|iniciais");
        yield return new(Override, 0.8, $"{Portuguese} ~2 suas|tuas ~2 instruç*|regras|orientaç*|diretrizes");

        yield return new(Override, 0.8, "negeer|vergeet ~3 vorige|eerdere|bovenstaande|voorgaande|jouw|je ~2 instructies|opdrachten|aanwijzingen|regels");
        yield return new(Override, 0.8, "zignoruj|ignoruj|zapomnij ~3 poprzednie|wcześniejsze|powyższe|wszystkie|swoje ~2 instrukcje|polecenia|wytyczne");
        yield return new(Override, 0.8, "игнорируй|игнорируйте|проигнорируй|забудь|забудьте ~3 предыдущ*|прошл*|прежн*|свои|твои ~2 инструкц*|указани*|правил*|команд*");
    }
}

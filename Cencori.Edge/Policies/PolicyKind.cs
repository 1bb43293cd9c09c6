namespace Cencori.Edge.Policies;

/// <summary>What a rule looks for.</summary>
public enum PolicyKind
{
    Email,
    Card,
    Iban,

    /// <summary>Social security numbers of the United States.</summary>
    Ssn,
    Phone,
    Ip,

    /// <summary>Numbers that countries give to people, of the rule's <c>regions</c>.</summary>
    NationalId,
    Jwt,
    PrivateKey,

    /// <summary>Keys of known vendors.</summary>
    ApiKey,

    /// <summary>Keys of this edge.</summary>
    OwnKey,

    /// <summary>Words and phrases of the rule.</summary>
    Words,

    /// <summary>A regular expression of the rule.</summary>
    Pattern,

    /// <summary>Signs of prompt injection.</summary>
    Injection,

    /// <summary>Links and images of a response that carry data out.</summary>
    ExfiltrationLink,

    /// <summary>A text that stands in the instructions and must never be in a response.</summary>
    Canary,

    /// <summary>What a service finds that is asked over the network.</summary>
    Guardrail,
}

/// <summary>What becomes of what a rule finds. Of several the later one counts.</summary>
public enum PolicyAction
{
    /// <summary>The rule is not looked at.</summary>
    Off,

    /// <summary>It is counted, and nothing else.</summary>
    Monitor,

    /// <summary>It is replaced for good.</summary>
    Mask,

    /// <summary>It is replaced towards the provider, and put back into the response.</summary>
    Tokenize,

    /// <summary>The request is refused, or its response ended.</summary>
    Block,
}

/// <summary>Which way the texts go that a rule looks at.</summary>
public enum PolicyStage
{
    /// <summary>To a provider.</summary>
    Input,

    /// <summary>To the caller.</summary>
    Output,
    Both,
}

/// <summary>Whose words a text of a request is.</summary>
[Flags]
public enum PolicyRoles
{
    None = 0,

    /// <summary>The caller's, and whatever is nobody else's.</summary>
    User = 1,

    /// <summary>What a tool has returned.</summary>
    Tool = 2,

    /// <summary>What a model has said, its calls of tools among it.</summary>
    Assistant = 4,

    /// <summary>Instructions.</summary>
    System = 8,

    /// <summary>Definitions of tools and of the form of a response.</summary>
    Definitions = 16,
}

/// <summary>What becomes of what the edge cannot look into.</summary>
public enum UnscannedRule
{
    Allow,
    Block,
}

/// <summary>How a stream ends in which something was found that blocks.</summary>
public enum OutputBlock
{
    /// <summary>With an error event.</summary>
    Error,

    /// <summary>With <c>finish_reason: content_filter</c>, where the stream's form has one.</summary>
    Finish,
}

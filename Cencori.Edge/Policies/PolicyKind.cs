namespace Cencori.Edge.Policies;

/// <summary>What a rule looks for.</summary>
public enum PolicyKind
{
    Email,
    Card,
    Iban,

    /// <summary>US social security numbers.</summary>
    Ssn,
    Phone,
    Ip,

    /// <summary>National identity numbers of the rule's <c>regions</c>.</summary>
    NationalId,
    Jwt,
    PrivateKey,

    /// <summary>API keys of known vendors.</summary>
    ApiKey,

    /// <summary>Keys of this edge.</summary>
    OwnKey,

    /// <summary>The rule's own words and phrases.</summary>
    Words,

    /// <summary>The rule's own regular expression.</summary>
    Pattern,

    /// <summary>Signs of prompt injection.</summary>
    Injection,

    /// <summary>Links and images in a response that send data to other servers.</summary>
    ExfiltrationLink,

    /// <summary>A text from the instructions that must never appear in a response.</summary>
    Canary,

    /// <summary>Whatever an external service reports.</summary>
    Guardrail,
}

/// <summary>What happens to a finding. If several rules find the same text, the action that comes last in this list wins.</summary>
public enum PolicyAction
{
    /// <summary>The rule is disabled.</summary>
    Off,

    /// <summary>The finding is only counted.</summary>
    Monitor,

    /// <summary>The finding is replaced permanently.</summary>
    Mask,

    /// <summary>The provider receives a placeholder, and the value is restored in the response.</summary>
    Tokenize,

    /// <summary>The request is refused, or the response is ended.</summary>
    Block,
}

/// <summary>Whether a rule scans requests or responses.</summary>
public enum PolicyStage
{
    /// <summary>Texts sent to a provider.</summary>
    Input,

    /// <summary>Texts sent to the caller.</summary>
    Output,
    Both,
}

/// <summary>The role that a text of a request belongs to.</summary>
[Flags]
public enum PolicyRoles
{
    None = 0,

    /// <summary>Texts of the caller, and texts without another role.</summary>
    User = 1,

    /// <summary>Results of tools.</summary>
    Tool = 2,

    /// <summary>Earlier output of a model, including its tool calls.</summary>
    Assistant = 4,

    /// <summary>Instructions.</summary>
    System = 8,

    /// <summary>Definitions of tools and of the response format.</summary>
    Definitions = 16,
}

/// <summary>What happens to content that the edge cannot scan.</summary>
public enum UnscannedRule
{
    Allow,
    Block,
}

/// <summary>How a stream ends after a finding that blocks.</summary>
public enum OutputBlock
{
    /// <summary>The stream ends with an error event.</summary>
    Error,

    /// <summary>The stream ends with <c>finish_reason: content_filter</c>, if its format supports that.</summary>
    Finish,
}

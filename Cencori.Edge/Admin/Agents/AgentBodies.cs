using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Agents;

/// <summary>Request body that creates an agent.</summary>
public sealed record NewAgent
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public bool IsActive { get; init; } = true;

    /// <summary>True: the agent's tool calls wait for approval.</summary>
    public bool ShadowMode { get; init; }

    public AgentConfigBody? Config { get; init; }

    public EdgeError? Check() => Checks.Name(Name) ?? AgentConfigBody.CheckDescription(Description) ?? Config?.Check();
}

/// <summary>Request body that changes an agent. Absent members stay unchanged.</summary>
public sealed record AgentChange
{
    public PatchField<string> Name { get; init; }

    public PatchField<string?> Description { get; init; }

    public bool? IsActive { get; init; }

    public bool? ShadowMode { get; init; }

    public AgentConfigBody? Config { get; init; }

    public EdgeError? Check() =>
        (Name.IsPresent ? Checks.Name(Name.Value) : null) ?? AgentConfigBody.CheckDescription(Description.Value) ?? Config?.Check();

    public void Apply(AgentRecord row)
    {
        row.Name = Name.Or(row.Name);
        row.Description = AgentConfigBody.NotEmpty(Description.Or(row.Description));
        row.IsActive = IsActive ?? row.IsActive;
        row.IsShadow = ShadowMode ?? row.IsShadow;
        Config?.Apply(row);
    }
}

/// <summary>Settings of an agent's requests. A null member means that the request's own value applies.</summary>
public sealed record AgentConfigBody
{
    private const int LongestDescription = 1_000;
    private const int LongestPrompt = 32_768;
    private const int MaxTools = 256;
    private const int LongestTool = 128;
    private const double HighestTemperature = 2;

    public PatchField<string?> Model { get; init; }

    public PatchField<string?> SystemPrompt { get; init; }

    /// <summary>Tools that the agent may use. Null: every tool. Empty: no tool.</summary>
    public PatchField<List<string>?> Tools { get; init; }

    public PatchField<double?> Temperature { get; init; }

    /// <summary>Memory settings of the agent's chats. A change replaces all of them. Null: no memory.</summary>
    public PatchField<AgentMemory?> Memory { get; init; }

    public static EdgeError? CheckDescription(string? description) =>
        description is not null && (description.Length > LongestDescription || description.Contains('\0', StringComparison.Ordinal))
            ? EdgeError.Invalid($"A description must have at most {LongestDescription} characters, and no null character.", "description")
            : null;

    public static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    public EdgeError? Check()
    {
        if (Model.Value is { } model && !Checks.IsModel(model))
        {
            return EdgeError.Invalid($"A model's name must have 1 to {Checks.MaxModelLength} characters, none of them a control character.", "config.model");
        }

        if (SystemPrompt.Value is { } prompt && (prompt.Length > LongestPrompt || prompt.Contains('\0', StringComparison.Ordinal)))
        {
            return EdgeError.Invalid($"A system prompt must have at most {LongestPrompt} characters, and no null character.", "config.system_prompt");
        }

        if (Tools.Value is { } tools && (tools.Count > MaxTools || tools.Exists(tool => string.IsNullOrEmpty(tool) || tool.Length > LongestTool || tool.Any(char.IsControl))))
        {
            return EdgeError.Invalid($"tools must be at most {MaxTools} names of 1 to {LongestTool} characters. Send null to allow every tool, [] to allow none.", "config.tools");
        }

        return Temperature.Value is { } temperature && temperature is not (>= 0 and <= HighestTemperature)
            ? EdgeError.Invalid($"A temperature must be 0 to {HighestTemperature}.", "config.temperature")
            : Memory.Value is { } memory ? CheckMemory(memory) : null;
    }

    private static EdgeError? CheckMemory(AgentMemory memory) =>
        !AgentMemory.IsNamespace(memory.Namespace) ? EdgeError.Invalid($"A namespace must have a name of 1 to {AgentMemory.LongestNamespace} characters, none of them a control character.", "config.memory.namespace")
        : !AgentMemory.IsLimit(memory.Limit) ? EdgeError.Invalid($"A limit must be 1 to {AgentMemory.MaxLimit}.", "config.memory.limit")
        : memory.Threshold is { } threshold && !AgentMemory.IsThreshold(threshold) ? EdgeError.Invalid("A threshold must be 0 to 1.", "config.memory.threshold")
        : null;

    public void Apply(AgentRecord row)
    {
        row.Model = Model.Or(row.Model);
        row.SystemPrompt = NotEmpty(SystemPrompt.Or(row.SystemPrompt));
        row.Tools = Tools.IsPresent ? Tools.Value?.Distinct(StringComparer.Ordinal).ToList() : row.Tools;
        row.Temperature = Temperature.Or(row.Temperature);
        row.Memory = Memory.IsPresent ? Memory.Value?.ToJson() : row.Memory;
    }
}

/// <summary>Request body that creates a key of an agent. All members are optional.</summary>
public sealed record NewAgentKey
{
    /// <summary>Name of the key. Null: the agent's name.</summary>
    public string? Name { get; init; }

    /// <summary>Environment of the new key. Null: the environment of the key that makes the request, or production for an administrator.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>The new key is always an agent key. Cencori's clients send <c>secret</c> for a key that is not for browsers, so <c>secret</c> is accepted.</summary>
    public KeyType KeyType { get; init; } = KeyType.Agent;

    public List<string>? AllowedDomains { get; init; }

    public List<string>? AllowedModels { get; init; }

    public List<string>? AllowedCidrs { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public NewApiKey Of(string agentId, string agentName, KeyEnvironment defaultEnvironment) => new()
    {
        Name = Name ?? agentName,
        KeyType = KeyType.Agent,
        Environment = Environment ?? defaultEnvironment,
        AllowedDomains = AllowedDomains,
        AllowedModels = AllowedModels,
        AllowedCidrs = AllowedCidrs,
        ExpiresAt = ExpiresAt,
        AgentId = agentId,
    };
}

/// <summary>Optional request body of a decision on a pending action.</summary>
public sealed record Decision
{
    private const int LongestName = 100;
    private const int LongestReason = 1_000;

    /// <summary>Name of the person who decides. Null: the name of the actor in the audit log.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Reason for the decision, which the agent receives. Null: no reason.</summary>
    public string? Reason { get; init; }

    public EdgeError? Check() => DecidedBy is not null && (string.IsNullOrWhiteSpace(DecidedBy) || DecidedBy.Length > LongestName || DecidedBy.Any(char.IsControl))
        ? EdgeError.Invalid($"decided_by must have 1 to {LongestName} characters, none of them a control character.", "decided_by")
        : Reason?.Length > LongestReason || Reason?.Contains('\0', StringComparison.Ordinal) == true
            ? EdgeError.Invalid($"A reason must have at most {LongestReason} characters, and no null character.", "reason")
            : null;
}

using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Dashboard.Agents;

/// <summary>Maps an agent to form fields and back. Fields have the API's names, so that API errors name the right field.</summary>
internal static class AgentForm
{
    public const string Model = "config.model";
    public const string SystemPrompt = "config.system_prompt";
    public const string Temperature = "config.temperature";
    public const string Tools = "config.tools";

    public const string MemoryNamespace = "config.memory.namespace";
    public const string MemoryLimit = "config.memory.limit";
    public const string MemoryThreshold = "config.memory.threshold";
    public const string MemoryStore = "config.memory.store";

    /// <summary>Which tools the agent may use: <c>all</c>, <c>none</c>, or <c>some</c>, which <see cref="Tools"/> lists.</summary>
    public const string ToolChoice = "tool_choice";

    public static FormState New { get; } = new(new Dictionary<string, string?> { ["is_active"] = "true", [ToolChoice] = "all" });

    public static FormState Of(Tagged<AgentView> agent)
    {
        var (view, config) = (agent.Value, agent.Value.Config);
        return new(new Dictionary<string, string?>
        {
            ["name"] = view.Name,
            ["description"] = view.Description,
            ["is_active"] = view.IsActive ? "true" : null,
            ["shadow_mode"] = view.ShadowMode ? "true" : null,
            [Model] = config.Model,
            [SystemPrompt] = config.SystemPrompt,
            [Temperature] = FormNumbers.Decimals(config.Temperature),
            [ToolChoice] = config.Tools is null ? "all" : config.Tools.Count == 0 ? "none" : "some",
            [Tools] = config.Tools is null ? null : string.Join('\n', config.Tools),
            [MemoryNamespace] = config.Memory?.Namespace,
            [MemoryLimit] = config.Memory?.Limit.ToString(CultureInfo.InvariantCulture),
            [MemoryThreshold] = FormNumbers.Decimals(config.Memory?.Threshold),
            [MemoryStore] = config.Memory?.Store == true ? "true" : null,
            ["tag"] = agent.Tag,
        });
    }

    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static NewAgent ToNew(IFormCollection form) => new()
    {
        Name = form["name"].ToString(),
        Description = NotEmpty(form["description"])?.ReplaceLineEndings("\n"),
        IsActive = form.ContainsKey("is_active"),
        ShadowMode = form.ContainsKey("shadow_mode"),
        Config = ConfigOf(form),
    };

    /// <inheritdoc cref="ToNew"/>
    public static AgentChange ToChange(IFormCollection form) => new()
    {
        Name = form["name"].ToString(),
        Description = NotEmpty(form["description"])?.ReplaceLineEndings("\n"),
        IsActive = form.ContainsKey("is_active"),
        ShadowMode = form.ContainsKey("shadow_mode"),
        Config = ConfigOf(form),
    };

    private static AgentConfigBody ConfigOf(IFormCollection form) => new()
    {
        Model = NotEmpty(form[Model])?.Trim(),
        SystemPrompt = NotEmpty(form[SystemPrompt])?.ReplaceLineEndings("\n"),
        Temperature = ReadNumber(form[Temperature], Temperature, "A temperature must be a number such as 0.7."),
        Tools = form[ToolChoice].ToString() switch
        {
            "none" => new List<string>(),
            "some" => ReadTools(form[Tools]),
            _ => (List<string>?)null,
        },
        Memory = MemoryOf(form),
    };

    private static AgentMemory? MemoryOf(IFormCollection form) => NotEmpty(form[MemoryNamespace]) is not { } name ? null : new()
    {
        Namespace = name.Trim(),
        Limit = NotEmpty(form[MemoryLimit]) is not { } limit ? AgentMemory.DefaultLimit : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var max) ? max : 0,
        Threshold = ReadNumber(form[MemoryThreshold], MemoryThreshold, "A threshold must be a number such as 0.5."),
        Store = form.ContainsKey(MemoryStore),
    };

    private static List<string> ReadTools(string? text)
    {
        List<string> tools = [.. (text ?? "").Split(['\r', '\n', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return tools.Count > 0 ? tools : throw new RefusedException(EdgeError.Invalid("Name at least one tool, or choose all tools or none.", Tools));
    }

    private static double? ReadNumber(string? text, string field, string problem) => NotEmpty(text) is not { } number ? null
        : double.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read) ? read
        : throw new RefusedException(EdgeError.Invalid(problem, field));

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

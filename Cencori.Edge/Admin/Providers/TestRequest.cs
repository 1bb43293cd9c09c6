using System.Text.Json;
using Cencori.Edge.Metering;
using Cencori.Edge.Models;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Creates the smallest chat request that shows whether a provider responds.</summary>
internal static class TestRequest
{
    // Output limit of the request. Some models refuse a smaller limit.
    private const int MaxTokens = 16;

    // Parts of the names of models that are not chat models, or that the sandbox provider uses to simulate faults.
    private static readonly string[] NonChatNames = ["embed", "moderation", "whisper", "tts", "image", "audio", "dall-e", "sora", "imagen", "veo", "guard", "error", "slow", "silent"];

    private static readonly TokenUsage Small = new(10, 0, MaxTokens, IsEstimated: true);

    /// <summary>The cheapest allowed chat model in the provider's configuration. Null: there is none.</summary>
    public static string? DefaultModel(ProviderDefinition provider, ProjectSnapshot project, Prices prices, DateTimeOffset now, AllowedModels? allowed = null) => provider.Models
        .Where(model => model[^1] != '*' && !Array.Exists(NonChatNames, use => model.Contains(use, StringComparison.OrdinalIgnoreCase)))
        .Select(model => Own(provider, model))
        .Where(model => allowed?.Allows(provider.Id, model) != false)
        .OrderBy(model => prices.Cost(project, provider.Id, model, Small, now) ?? decimal.MaxValue)
        .FirstOrDefault();

    /// <summary>Removes the provider's prefix from a model name.</summary>
    public static string Own(ProviderDefinition provider, string model) =>
        model.Length > provider.Id.Length + 1 && model.StartsWith(provider.Id, StringComparison.Ordinal) && model[provider.Id.Length] is '/' or ':' ? model[(provider.Id.Length + 1)..] : model;

    public static byte[] Body(ProviderDefinition provider, string model)
    {
        // OpenAI's newer models refuse max_tokens; other providers do not know max_completion_tokens.
        var bound = provider.Id == "openai" || provider.CredentialScheme == CredentialScheme.ApiKey ? "max_completion_tokens" : "max_tokens";
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            // With the provider's prefix, the project's aliases do not apply to the model name.
            ["model"] = $"{provider.Id}/{model}",
            [bound] = MaxTokens,
            ["messages"] = new[] { new { role = "user", content = "Say OK." } },
        });
    }
}

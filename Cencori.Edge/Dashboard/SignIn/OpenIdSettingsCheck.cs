using Cencori.Edge.Admin.SignIn;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Validates the sign-in settings.</summary>
internal sealed class OpenIdSettingsCheck(IOptions<SignInOptions> signIn) : IValidateOptions<OpenIdSettings>
{
    private const string Section = OpenIdSettings.Section;

    public ValidateOptionsResult Validate(string? name, OpenIdSettings options) =>
        Problem(options, signIn.Value.TokenSignIn) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;

    private static string? Problem(OpenIdSettings settings, bool isTokenOpen)
    {
        if (!settings.IsOn)
        {
            return !isTokenOpen ? $"{SignInOptions.Section}:{nameof(SignInOptions.TokenSignIn)}=false needs {Section}:{nameof(settings.Authority)}: nobody could sign in to the dashboard."
                : settings.ClientId is { Length: > 0 } || settings.ClientSecret is { Length: > 0 } ? $"{Section}:{nameof(settings.Authority)} is missing."
                : null;
        }

        return !IsAddress(settings.Authority) ? $"{Section}:{nameof(settings.Authority)} must be an https address, such as https://login.example.com."
            : string.IsNullOrEmpty(settings.ClientId) ? $"{Section}:{nameof(settings.ClientId)} is missing."
            : !settings.Scopes.Split(' ').Contains("openid") ? $"{Section}:{nameof(settings.Scopes)} must include openid."
            : null;
    }

    // True: an https URL, or http on localhost. Over plain HTTP an attacker on the network could sign in as anybody.
    private static bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) && uri.UserInfo.Length == 0;
}

using System.Buffers;
using System.Linq.Expressions;
using Cencori.Edge.Errors;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Identifies a credential of a project: by its id, or by provider, environment and name.</summary>
internal sealed record CredentialRef
{
    private const string IdPrefix = "cr";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly string? _id;

    private CredentialRef(string id) => (_id, Provider, Name) = (id, "", "");

    /// <param name="provider">Id of the provider in yarp.json.</param>
    /// <param name="environment">Environment of the credential.</param>
    /// <param name="name">Name of the credential. Null: the default name.</param>
    public CredentialRef(string provider, KeyEnvironment environment, string? name = null) =>
        (Provider, Environment, Name) = (provider, environment, name ?? ProviderKeyRecord.DefaultName);

    public bool IsById => _id is not null;

    /// <summary>Id of the provider. Empty for a reference by credential id.</summary>
    public string Provider { get; }

    public KeyEnvironment Environment { get; }

    public string Name { get; }

    public Expression<Func<ProviderKeyRecord, bool>> Filter => _id is not null
        ? row => row.Id == _id
        : row => row.Provider == Provider && row.Environment == Environment && row.Name == Name;

    public static string NewId() => Ids.New(IdPrefix);

    public static CredentialRef OfId(string id) => new(id);

    /// <summary>Creates a reference from a URL: a credential id alone, or a provider id with environment (default production) and name (default <c>default</c>).</summary>
    /// <exception cref="RefusedException">A credential id is combined with environment or name, or the environment does not exist.</exception>
    public static CredentialRef Of(string providerOrId, string? environment, string? name)
    {
        if (IsId(providerOrId))
        {
            return environment is null && name is null ? new(providerOrId)
                : throw new RefusedException(EdgeError.Invalid("With the id of a credential, send neither environment nor name.", environment is null ? "name" : "environment"));
        }

        return (environment is null ? KeyEnvironment.Production : SnakeCaseEnums.Find<KeyEnvironment>(environment)) is { } known
            ? new(providerOrId, known, name)
            : throw new RefusedException(EdgeError.Invalid("The environment must be 'production' or 'test'.", "environment"));
    }

    /// <summary>Whether a text has the form of a credential id; see <see cref="NewId"/>. No provider id has this form.</summary>
    public static bool IsId(string text) => text.Length == 35 && text.StartsWith(IdPrefix + "_", StringComparison.Ordinal) && text.AsSpan(IdPrefix.Length + 1).IndexOfAnyExcept(HexDigits) < 0;
}

namespace Cencori.Edge.Verification;

public static class VerificationServiceCollectionExtensions
{
    public static IServiceCollection AddVerification(this IServiceCollection services) => services.AddSingleton<LedgerCheck>();
}

namespace Cencori.Edge.WebSockets;

public static class WebSocketServiceCollectionExtensions
{
    public static IServiceCollection AddWebSocketForwarding(this IServiceCollection services)
    {
        services.AddSingleton<WebSocketRules>();
        services.AddSingleton<OpenWebSockets>();
        services.AddSingleton<WebSocketForwarder>();
        return services;
    }
}

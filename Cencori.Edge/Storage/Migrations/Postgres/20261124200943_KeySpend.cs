using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class KeySpend : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "key_spend",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    KeyId = table.Column<string>(type: "text", nullable: false),
                    Month = table.Column<int>(type: "integer", nullable: false),
                    WriterId = table.Column<long>(type: "bigint", nullable: false),
                    Picodollars = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_key_spend", x => new { x.ProjectId, x.KeyId, x.Month, x.WriterId });
                });

            // A sum that would not fit stays at the largest that does; it must not be in the way of a start.
            migrationBuilder.Sql(
                """
                INSERT INTO key_spend ("ProjectId", "KeyId", "Month", "WriterId", "Picodollars")
                SELECT "ProjectId", "KeyId", (EXTRACT(YEAR FROM at) - 1970) * 12 + EXTRACT(MONTH FROM at) - 1 AS month, -1, LEAST(SUM("Picodollars"), 9223372036854775807)
                FROM (SELECT "ProjectId", "KeyId", "Picodollars", to_timestamp("StartedAt" / 1000) AT TIME ZONE 'UTC' AS at FROM request_records WHERE "Picodollars" > 0) AS records
                GROUP BY "ProjectId", "KeyId", month
                """);

            migrationBuilder.DropIndex(
                name: "IX_request_records_ProjectId_KeyId_StartedAt_Id_Picodollars",
                table: "request_records");

            migrationBuilder.DropIndex(
                name: "IX_request_records_RequestId",
                table: "request_records");

            migrationBuilder.DropIndex(
                name: "IX_request_records_StartedAt",
                table: "request_records");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "key_spend");

            migrationBuilder.CreateIndex(
                name: "IX_request_records_ProjectId_KeyId_StartedAt_Id_Picodollars",
                table: "request_records",
                columns: new[] { "ProjectId", "KeyId", "StartedAt", "Id", "Picodollars" });

            migrationBuilder.CreateIndex(
                name: "IX_request_records_RequestId",
                table: "request_records",
                column: "RequestId");

            migrationBuilder.CreateIndex(
                name: "IX_request_records_StartedAt",
                table: "request_records",
                column: "StartedAt");
        }
    }
}

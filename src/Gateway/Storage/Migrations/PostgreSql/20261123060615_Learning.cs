using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Passthrough.Gateway.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Learning : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<List<string>>(
                name: "OtherForests",
                table: "Suffixes",
                type: "text[]",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AllowedSubtrees",
                columns: table => new
                {
                    Name = table.Column<string>(type: "character varying(253)", maxLength: 253, nullable: false),
                    TenantId = table.Column<string>(type: "character varying(63)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AllowedSubtrees", x => x.Name);
                    table.ForeignKey(
                        name: "FK_AllowedSubtrees_Tenants_TenantId",
                        column: x => x.TenantId,
                        principalTable: "Tenants",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AllowedSubtrees_TenantId",
                table: "AllowedSubtrees",
                column: "TenantId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AllowedSubtrees");

            migrationBuilder.DropColumn(
                name: "OtherForests",
                table: "Suffixes");
        }
    }
}
